package dev.anneal.child;

import dev.anneal.files.DurableFiles;
import dev.anneal.local.DataDirectory;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** The class path of child JVMs: the classes of this program and, of its libraries, those that a child needs. */
final class ChildClassPath {
    private static final Logger log = LoggerFactory.getLogger(ChildClassPath.class);

    private static final String CLASSES = "BOOT-INF/classes/";
    private static final String LIBRARIES = "BOOT-INF/lib/";

    /** The unpacked classes of other versions are removed if no process has started a child of them for this time. */
    private static final Duration UNUSED = Duration.ofDays(30);

    /** The libraries that a child needs. It opens each library at its start, which takes longer for all of them than what follows. */
    private static final Pattern NEEDED =
            Pattern.compile("(jspecify|slf4j-api|logback-(core|classic)|jackson-(annotations|core|databind)"
                    + "|api|pytorch-[a-z-]+|tokenizers|gson|jna|commons-(compress|io|lang3|codec))-\\d.*\\.jar");

    private final DataDirectory data;
    private @Nullable String value;

    /** The digest of the jar that this process runs. */
    private @Nullable String version;

    /** The directory with the unpacked classes. */
    private @Nullable Path unpacked;

    private volatile boolean replaced;

    ChildClassPath(DataDirectory data) {
        this.data = data;
    }

    /**
     * Returns the class path: the classes of this program, and the libraries that a child needs. If this program is one jar, which
     * has its libraries inside or names them, its classes are written to a jar without libraries: once, and again if they were deleted.
     *
     * @throws ProgramReplacedException if the program was replaced or deleted since
     */
    String value() throws IOException {
        return value(System.getProperty("java.class.path"));
    }

    synchronized String value(String own) throws IOException {
        try {
            String found = find(own);
            if (replaced) {
                log.info("the program is there again");
                replaced = false;
            }
            touch();
            return found;
        } catch (ProgramReplacedException missing) {
            if (!replaced) {
                log.error("This process starts no more trainers, model hosts and checks. {}", missing.getMessage());
                replaced = true;
            }
            throw missing;
        }
    }

    /** Returns whether the class path was missing when it was needed last. */
    boolean isReplaced() {
        return replaced;
    }

    private String find(String own) throws IOException {
        boolean isJar = own.endsWith(".jar") && !own.contains(File.pathSeparator);
        if (value == null || isJar && missing() != null) {
            value = isJar ? ofJar(Path.of(own).toAbsolutePath()) : needed(own);
        }
        String missing = missing();
        if (missing != null) { // Java would ignore it
            throw new ProgramReplacedException(missing);
        }
        return value;
    }

    /** Returns an entry of the class path that is no longer there; null if all are. */
    private @Nullable String missing() {
        return value == null
                ? null
                : Arrays.stream(value.split(File.pathSeparator))
                        .filter(entry -> !Files.exists(Path.of(entry)))
                        .findFirst()
                        .orElse(null);
    }

    /** Returns the needed entries of a class path. */
    private static String needed(String classPath) {
        Path program = program();
        return join(Arrays.stream(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .filter(Files::exists)
                .filter(entry -> entry.equals(program)
                        || !entry.toString().endsWith(".jar")
                        || isNeeded(entry.getFileName().toString())));
    }

    /** Returns the jar or the directory of the classes of this program. */
    private static Path program() {
        try {
            return Path.of(ChildClassPath.class
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

    private String ofJar(Path jar) throws IOException {
        String found = Files.exists(jar) ? DurableFiles.sha256(jar) : "";
        if (found.isEmpty() || version != null && !version.equals(found)) {
            throw new ProgramReplacedException(jar.toString());
        }
        version = found;
        Path versions = data.directory("runtime");
        Path target = versions.resolve(version);
        if (missing() != null || !Files.isRegularFile(target.resolve(jar.getFileName()))) {
            FileSystemUtils.deleteRecursively(target); // what is left of it
            log.info("unpacking {} for child processes", jar.getFileName());
            Path aside = Files.createTempDirectory(data.own(), "unpack");
            unpack(jar, aside);
            DurableFiles.force(aside);
            try {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException anotherWasFaster) {
                FileSystemUtils.deleteRecursively(aside);
            }
        }
        unpacked = target;
        touch();
        removeUnused(versions, target);
        try (Stream<Path> jars = Files.list(target)) {
            return join(Stream.concat(jars.sorted(), namedLibraries(jar).stream()));
        }
    }

    /** Tells other processes that the unpacked classes are in use. */
    private void touch() {
        try {
            if (unpacked != null) {
                Files.setLastModifiedTime(unpacked, FileTime.from(Instant.now()));
            }
        } catch (IOException notOurs) {
            log.debug("cannot set the time of {}: {}", unpacked, notOurs.getMessage());
        }
    }

    private static void removeUnused(Path versions, Path own) {
        FileTime before = FileTime.from(Instant.now().minus(UNUSED));
        try (Stream<Path> all = Files.list(versions)) {
            for (Path each : all.toList()) {
                if (!each.equals(own) && Files.getLastModifiedTime(each).compareTo(before) < 0) {
                    log.info("removing {}, which no process has used for {} days", each, UNUSED.toDays());
                    FileSystemUtils.deleteRecursively(each);
                }
            }
        } catch (IOException next) {
            log.warn("cannot remove unused programs in {}: {}", versions, next.getMessage());
        }
    }

    /** Returns the needed libraries that a jar names in its manifest. */
    static List<Path> namedLibraries(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String named =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return named == null
                    ? List.of()
                    : Arrays.stream(named.split(" "))
                            .map(library -> Path.of(jar.toUri().resolve(library)))
                            .filter(library -> isNeeded(library.getFileName().toString()))
                            .toList();
        }
    }

    /** Writes the classes of a jar to one jar that names no libraries, and copies the needed libraries that are in a Spring Boot jar. */
    static void unpack(Path jar, Path directory) throws IOException {
        try (JarFile program = new JarFile(jar.toFile());
                JarOutputStream classes =
                        new JarOutputStream(Files.newOutputStream(directory.resolve(jar.getFileName())))) {
            boolean boot = program.getEntry(LIBRARIES) != null;
            String prefix = boot ? CLASSES : "";
            for (JarEntry entry : Collections.list(program.entries())) {
                String name = entry.getName();
                try (InputStream in = program.getInputStream(entry)) {
                    if (boot && name.startsWith(LIBRARIES) && isNeeded(name.substring(LIBRARIES.length()))) {
                        Files.copy(in, directory.resolve(name.substring(LIBRARIES.length())));
                    } else if (name.startsWith(prefix) && !entry.isDirectory() && !name.equals(JarFile.MANIFEST_NAME)) {
                        JarEntry copy = new JarEntry(name.substring(prefix.length()));
                        copy.setTime(entry.getTime()); // the same bytes for each copy of a program
                        classes.putNextEntry(copy);
                        in.transferTo(classes);
                    }
                }
            }
        }
    }
}
