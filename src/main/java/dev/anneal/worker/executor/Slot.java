package dev.anneal.worker.executor;

import com.sun.management.OperatingSystemMXBean;
import dev.anneal.child.TorchSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

/**
 * A slot runs one job at a time: on a device, with a number of processor threads, and up to an estimated memory in bytes
 * (null for no limit).
 */
public record Slot(
        String name, String device, int threads, @Nullable Long memory) {
    private static final Logger log = LoggerFactory.getLogger(Slot.class);
    private static final double SHARE = 0.8;

    /**
     * Returns one slot for each named device. {@code auto} means one for each GPU that trainers can use, or
     * one for the processor if there is none.
     *
     * @param memory one size for all slots or one for each ({@code 16GB,80GB}). {@code auto} shares four fifths of the
     *     machine's memory among the slots of the processor, and sets no limit for GPUs
     * @param torch the libtorch of trainers, which may not support GPUs
     */
    public static List<Slot> of(String devices, String memory, TorchSettings torch) {
        int processors = Runtime.getRuntime().availableProcessors();
        List<String> names = devices.equals("auto") ? found(torch) : List.of(devices.split("\\s*,\\s*"));
        names.forEach(name -> torch.check("anneal.worker.devices", name));
        List<Long> sizes = memory.equals("auto") ? physical(names) : sizes(memory, names);
        int threads = Math.max(1, processors / names.size());
        return IntStream.range(0, names.size())
                .mapToObj(i -> new Slot("slot-" + i, names.get(i), threads, sizes.get(i)))
                .toList();
    }

    /** Returns the slot in words, for the log. */
    public String describe() {
        String limit =
                memory == null ? "no memory limit" : String.format(Locale.ROOT, "%.1f GB of memory", memory / 1e9);
        return name + " (device " + device + ", " + threads + (threads == 1 ? " thread, " : " threads, ") + limit + ")";
    }

    private static List<Long> sizes(String memory, List<String> names) {
        List<Long> sizes = Stream.of(memory.split("\\s*,\\s*"))
                .map(size -> DataSize.parse(size).toBytes())
                .toList();
        if (sizes.size() != 1 && sizes.size() != names.size()) {
            throw new IllegalArgumentException("anneal.worker.memory is '" + memory
                    + "'. Set one size for all devices, or one for each of " + names + ".");
        }
        return sizes.size() == 1 ? Collections.nCopies(names.size(), sizes.get(0)) : sizes;
    }

    private static List<Long> physical(List<String> names) {
        long machine = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
        long slots = names.stream().filter(Slot::isProcessor).count();
        List<Long> sizes = new ArrayList<>(); // of which some may be null
        names.forEach(name -> sizes.add(isProcessor(name) ? (long) (SHARE * machine) / slots : null));
        return sizes;
    }

    private static boolean isProcessor(String device) {
        return device.startsWith("cpu");
    }

    private static List<String> found(TorchSettings torch) {
        try (Stream<Path> devices = Files.list(Path.of("/dev"))) {
            long gpus = devices.filter(d -> d.getFileName().toString().matches("nvidia\\d+"))
                    .count();
            if (gpus > 0 && !torch.hasCuda()) {
                log.info("this machine has {} GPUs, which are not used because anneal.torch.home is not set", gpus);
            }
            return gpus == 0 || !torch.hasCuda()
                    ? List.of("cpu")
                    : IntStream.range(0, (int) gpus).mapToObj(i -> "cuda:" + i).toList();
        } catch (IOException notLinux) {
            return List.of("cpu");
        }
    }
}
