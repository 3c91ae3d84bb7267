package dev.anneal.child;

import dev.anneal.local.DataDirectory;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * The launcher of child JVMs: trainers, model hosts, and checks of a model's files. A child uses the Java and the class path of
 * this process, and sees no variable of this process that may hold a credential.
 */
@Component
public class ChildJvm {
    private static final Logger log = LoggerFactory.getLogger(ChildJvm.class);

    /** The variables of this process that a child sees: those of the system and of the native libraries. */
    private static final Set<String> VARIABLES = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TMPDIR",
            "LD_LIBRARY_PATH",
            "LD_PRELOAD",
            "JAVA_HOME");

    private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

    private static final String CLASSES = "BOOT-INF/classes/";
    private static final String LIBRARIES = "BOOT-INF/lib/";

    /** The libraries that a child needs. It opens each library at its start, which takes longer for all of them than what follows. */
    private static final Pattern NEEDED =
            Pattern.compile("(jspecify|slf4j-api|logback-(core|classic)|jackson-(annotations|core|databind)"
                    + "|api|pytorch-[a-z-]+|tokenizers|gson|jna|commons-(compress|io|lang3|codec))-\\d.*\\.jar");

    private static final List<String> PREFIXES = List.of(
            "LC_",
            "CUDA_",
            "NVIDIA_",
            "NCCL_",
            "OMP_",
            "GOMP_",
            "KMP_",
            "MKL_",
            "DNNL_",
            "ONEDNN_",
            "MALLOC_",
            "DJL_",
            "PYTORCH_",
            "TORCH_",
            "ATEN_");

    private final DataDirectory data;
    private final TorchSettings torch;
    private @Nullable String classPath;

    public ChildJvm(DataDirectory data, TorchSettings torch) {
        this.data = data;
        this.torch = torch;
    }

    /** Returns the command line of a main class, with a size of heap such as {@code 512m}. */
    public List<String> command(String main, String heap, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xmx" + heap,
                // It runs mostly in native code, so these favour a quick start.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // A matrix on its way from a GPU to a file may be larger than the heap.
                "-XX:MaxDirectMemorySize=4g",
                "-Xshare:auto"));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", classPath(), main));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Returns the variables that a child needs which computes on a device ({@code cpu}, {@code cuda:1}) of any machine. */
    public Map<String, String> environment(String device) {
        Map<String, String> environment = new HashMap<>(torch.environment(device));
        environment.put("OMP_WAIT_POLICY", "PASSIVE"); // on a busy machine steps take a quarter of the time
        environment.put("DJL_CACHE_DIR", System.getProperty("DJL_CACHE_DIR", defaultCache()));
        return environment;
    }

    /**
     * Returns a process to start on this machine, with {@link #environment} and the harmless variables of this process. Of the
     * GPUs it sees only its own.
     */
    public ProcessBuilder process(List<String> command, String device) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(variable -> !isHarmless(variable));
        builder.environment().putAll(environment(device));
        if (!device.equals("cpu")) {
            builder.environment().put(VISIBLE, visible(device, System.getenv(VISIBLE)));
        }
        return builder;
    }

    /** Returns the name by which CUDA knows a device: {@code cuda:1} is the second of the GPUs that this process may use. */
    static String visible(String device, @Nullable String visible) {
        String number = device.contains(":") ? device.substring(device.indexOf(':') + 1) : "0";
        if (visible == null || visible.isBlank()) {
            return number;
        }
        String[] names = visible.split("\\s*,\\s*");
        if (Integer.parseInt(number) >= names.length) {
            throw new IllegalStateException("There is no device %s: %s is '%s'.".formatted(device, VISIBLE, visible));
        }
        return names[Integer.parseInt(number)];
    }

    static boolean isHarmless(String variable) {
        // What is verbose writes to the standard output, which is the protocol.
        return VARIABLES.contains(variable)
                || PREFIXES.stream().anyMatch(variable::startsWith) && !variable.endsWith("_VERBOSE");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String defaultCache() {
        String set = System.getenv("DJL_CACHE_DIR");
        return set != null
                ? set
                : Path.of(System.getProperty("user.home"), ".djl.ai").toString();
    }

    /**
     * Returns the class path: the classes of this program, and the libraries that a child needs. A Spring Boot jar is unpacked once,
     * because plain jars start faster than nested ones.
     */
    synchronized String classPath() throws IOException {
        if (classPath == null) {
            String own = System.getProperty("java.class.path");
            classPath = isBootJar(own) ? unpack(Path.of(own).toAbsolutePath()) : needed(own);
        }
        return classPath;
    }

    private static boolean isBootJar(String path) throws IOException {
        if (!path.endsWith(".jar") || path.contains(File.pathSeparator)) {
            return false;
        }
        try (JarFile jar = new JarFile(path)) {
            return jar.getEntry(LIBRARIES) != null;
        }
    }

    /** Returns the needed entries of a class path. One entry is the jar of this program, which names its libraries. */
    private static String needed(String classPath) {
        Path program = program();
        List<Path> entries = Arrays.stream(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .toList();
        return join(entries.stream()
                .filter(entry -> entries.size() == 1
                        || entry.equals(program)
                        || !entry.toString().endsWith(".jar")
                        || isNeeded(entry.getFileName().toString())));
    }

    /** Returns the jar or the directory of the classes of this program. */
    private static Path program() {
        try {
            return Path.of(ChildJvm.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isNeeded(String library) {
        return NEEDED.matcher(library).matches();
    }

    private static String join(Stream<Path> entries) {
        return entries.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private String unpack(Path jar) throws IOException {
        String version = Files.getLastModifiedTime(jar).toMillis() + "-" + Files.size(jar);
        Path target = data.directory("runtime").resolve(version);
        if (!Files.exists(target)) {
            log.info("unpacking {} for child processes", jar.getFileName());
            Path aside = Files.createTempDirectory(data.own(), "unpack");
            unpack(jar, aside);
            try {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException anotherWasFaster) {
                FileSystemUtils.deleteRecursively(aside);
            }
        }
        try (Stream<Path> jars = Files.list(target)) {
            return join(jars.sorted());
        }
    }

    /** Writes the classes of a Spring Boot jar to one jar, and copies the needed libraries. */
    static void unpack(Path jar, Path directory) throws IOException {
        try (JarFile boot = new JarFile(jar.toFile());
                JarOutputStream classes =
                        new JarOutputStream(Files.newOutputStream(directory.resolve(jar.getFileName())))) {
            for (JarEntry entry : Collections.list(boot.entries())) {
                String name = entry.getName();
                try (InputStream in = boot.getInputStream(entry)) {
                    if (name.startsWith(CLASSES) && !entry.isDirectory()) {
                        JarEntry copy = new JarEntry(name.substring(CLASSES.length()));
                        copy.setTime(entry.getTime()); // the same bytes for each copy of a program
                        classes.putNextEntry(copy);
                        in.transferTo(classes);
                    } else if (name.startsWith(LIBRARIES) && isNeeded(name.substring(LIBRARIES.length()))) {
                        Files.copy(in, directory.resolve(name.substring(LIBRARIES.length())));
                    }
                }
            }
        }
    }
}
