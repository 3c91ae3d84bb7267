package dev.anneal.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The files in which Linux gives the memory of the machine and of its processes, such as {@code /proc/meminfo}. */
public final class ProcFile {
    private ProcFile() {}

    /** Returns a field such as {@code MemAvailable} in bytes; nothing if there is no such file or field. */
    public static OptionalLong bytes(Path file, String field) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException | RuntimeException unknown) { // a process that ends meanwhile
            return OptionalLong.empty();
        }
    }

    /** Returns the memory that the machine can give, in bytes; much if it is unknown. */
    public static long availableMemory() {
        return bytes(Path.of("/proc/meminfo"), "MemAvailable").orElse(Long.MAX_VALUE);
    }
}
