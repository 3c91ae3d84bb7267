package dev.anneal.worker;

import dev.anneal.job.plan.TrainerSettings;
import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/** The command line and environment of a trainer, which uses the Java and the class path of this process. */
@Component
public class TrainerCommand {
    private static final Logger log = LoggerFactory.getLogger(TrainerCommand.class);
    private static final String MAIN = "dev.anneal.training.Trainer";

    private final DataDirectory data;
    private final String heap;
    private @Nullable String classPath;

    public TrainerCommand(DataDirectory data, TrainerSettings settings) {
        this.data = data;
        this.heap = settings.heap();
    }

    /** A command line and the environment variables that it needs. */
    public record Launch(List<String> command, Map<String, String> environment) {}

    public Launch forWork(Path workDirectory) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                // A trainer runs briefly and mostly in native code, so these favour a quick start.
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
                        // Keeps freed memory in the process: each step needs the same amount for its gradients, and
                        // without
                        // page faults steps on short texts are a sixth faster.
                        "MALLOC_MMAP_THRESHOLD_", "4294967296",
                        "MALLOC_TRIM_THRESHOLD_", "8589934592",
                        "OMP_WAIT_POLICY", "PASSIVE", // on a busy machine steps take a quarter of the time
                        "DJL_CACHE_DIR", System.getProperty("DJL_CACHE_DIR", defaultCache())));
    }

    private static String defaultCache() {
        String set = System.getenv("DJL_CACHE_DIR");
        return set != null
                ? set
                : Path.of(System.getProperty("user.home"), ".djl.ai").toString();
    }

    /** Returns the class path. A Spring Boot jar is unpacked once, because plain jars start faster than nested ones. */
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
