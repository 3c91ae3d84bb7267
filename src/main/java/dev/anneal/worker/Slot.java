package dev.anneal.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A place for one job at a time: a device, and how many processor threads its trainer may use. */
public record Slot(String name, String device, int threads) {
    /** One for each GPU, or one for the processor where there is none; or one for each device that is named. */
    static List<Slot> of(String devices) {
        int processors = Runtime.getRuntime().availableProcessors();
        List<String> names = devices.equals("auto") ? found() : List.of(devices.split("\\s*,\\s*"));
        int threads = Math.max(1, processors / names.size());
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Slot("slot-" + i, names.get(i), threads))
                .toList();
    }

    private static List<String> found() {
        try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
            long gpus = devices.filter(d -> d.getFileName().toString().matches("nvidia\\d+"))
                    .count();
            return gpus == 0
                    ? List.of("cpu")
                    : IntStream.range(0, (int) gpus).mapToObj(i -> "cuda:" + i).toList();
        } catch (IOException notLinux) {
            return List.of("cpu");
        }
    }
}
