package dev.anneal.transformer.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The number format bfloat16. */
public final class Bf16 {
    private Bf16() {}

    /** Returns whether a device computes faster in bf16. A CPU without the instructions emulates it, many times slower. */
    public static boolean isFastOn(String device) {
        if (!device.equals("cpu")) {
            return true;
        }
        try {
            String info = Files.readString(Path.of("/proc/cpuinfo"));
            return info.contains("avx512_bf16") || info.contains("amx_bf16");
        } catch (IOException e) {
            return false;
        }
    }
}
