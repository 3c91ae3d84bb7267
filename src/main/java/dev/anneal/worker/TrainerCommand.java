package dev.anneal.worker;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** How a trainer is started: this process's own Java and class path, an environment of its own. */
@Component
public class TrainerCommand {
    private static final Logger log = LoggerFactory.getLogger(TrainerCommand.class);
    private static final String MAIN = "dev.anneal.training.Trainer";

    private final DataDirectory data;
    private final String heap;
    private String classPath;

    TrainerCommand(DataDirectory data, @Value("${anneal.trainer.heap:1g}") String heap) {
        this.data = data;
        this.heap = heap;
    }

    /** A command line, and what it needs in its environment. */
    public record Launch(List<String> command, Map<String, String> environment) {}

    public Launch forWork(Path workDirectory) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                // A short life with little Java in it: what counts is a quick start.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto"));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath(), MAIN, workDirectory.toString()));
        return new Launch(
                command,
                Map.of(
                        // The server gives memory back; a trainer needs the same again for the gradients of each step,
                        // which then come without page faults: a sixth faster with short texts.
                        "MALLOC_MMAP_THRESHOLD_", "4294967296",
                        "MALLOC_TRIM_THRESHOLD_", "8589934592",
                        "OMP_WAIT_POLICY", "PASSIVE", // on a busy machine a step takes a quarter of the time
                        "DJL_CACHE_DIR", System.getProperty("DJL_CACHE_DIR", defaultCache())));
    }

    private static String defaultCache() {
        String set = System.getenv("DJL_CACHE_DIR");
        return set != null
                ? set
                : Path.of(System.getProperty("user.home"), ".djl.ai").toString();
    }

    /** A Boot jar, whose libraries are jars within it, is unpacked once: plain class paths start faster. */
    synchronized String classPath() throws IOException {
        if (classPath == null) {
            String own = System.getProperty("java.class.path");
            classPath = isBootJar(own) ? unpack(Path.of(own).toAbsolutePath()).toString() : absolute(own);
        }
        return classPath;
    }

    private static boolean isBootJar(String path) throws IOException {
        if (!path.endsWith(".jar") || path.contains(java.io.File.pathSeparator)) {
            return false;
        }
        try (JarFile jar = new JarFile(path)) {
            return jar.getEntry("BOOT-INF/lib/") != null;
        }
    }

    private static String absolute(String classPath) {
        return String.join(
                java.io.File.pathSeparator,
                java.util.Arrays.stream(classPath.split(java.io.File.pathSeparator))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .toList());
    }

    private Path unpack(Path jar) throws IOException {
        String version = Files.getLastModifiedTime(jar).toMillis() + "-" + Files.size(jar);
        Path runtimes = data.directory("runtime");
        Path target = runtimes.resolve(version);
        if (!Files.exists(target)) {
            log.info("unpacking {} for the trainers", jar.getFileName());
            Path aside = Files.createTempDirectory(runtimes, "unpack");
            run(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Djarmode=tools",
                    "-jar",
                    jar.toString(),
                    "extract",
                    "--force",
                    "--destination",
                    aside.toString());
            try {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (java.nio.file.FileSystemException anotherWasFaster) {
                FileSystemUtils.deleteRecursively(aside);
            }
        }
        return target.resolve(jar.getFileName());
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        try {
            if (process.waitFor() != 0) {
                throw new IOException("cannot unpack the jar: " + output);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IOException("interrupted", e);
        }
    }
}
