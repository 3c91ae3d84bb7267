package dev.anneal.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.host.ModelHost;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import dev.anneal.testing.TestServer;
import dev.anneal.training.Trainer;
import dev.anneal.transformer.check.CheckMain;
import dev.anneal.transformer.check.EngineMain;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.asm.ClassReader;

/** The class path of a child has the libraries that its programs use, and no others: each costs time at the start. */
class ChildClassPathTest {
    private static final int CLASS = 7;

    private final DataDirectory data = new DataDirectory(new DataSettings(TestServer.newDirectory()));
    private final ChildClassPath classPath = new ChildClassPath(data);

    @TempDir
    Path directory;

    @Test
    void allClassesThatTheProgramsNameAreThere() throws Exception {
        List<URL> entries = new ArrayList<>();
        for (String entry : classPath.value().split(File.pathSeparator)) {
            entries.add(Path.of(entry).toUri().toURL());
        }
        Set<String> found = new TreeSet<>();
        Deque<String> left = new ArrayDeque<>();
        for (Class<?> program : List.of(Trainer.class, ModelHost.class, CheckMain.class, EngineMain.class)) {
            left.add(program.getName().replace('.', '/'));
        }
        try (URLClassLoader classes =
                new URLClassLoader(entries.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            while (!left.isEmpty()) {
                String name = left.pop();
                try (InputStream in = classes.getResourceAsStream(name + ".class")) {
                    assertThat(in).as(name).isNotNull();
                    if (name.startsWith("dev/anneal/")) {
                        named(in).filter(found::add).forEach(left::add);
                    }
                }
            }
        }
        assertThat(found).hasSizeGreaterThan(500).contains("ai/djl/ndarray/NDArray", "tools/jackson/databind/JsonNode");
    }

    /** Returns the classes that a class file names, without those of arrays. */
    private static Stream<String> named(InputStream in) throws IOException {
        ClassReader reader = new ClassReader(in);
        char[] buffer = new char[reader.getMaxStringLength()];
        List<String> names = new ArrayList<>();
        for (int i = 1; i < reader.getItemCount(); i++) {
            int at = reader.getItem(i);
            if (at > 0 && reader.readByte(at - 1) == CLASS) {
                names.add(reader.readUTF8(at, buffer));
            }
        }
        return names.stream()
                .map(name -> name.replaceFirst("^\\[+L(.*);$", "$1"))
                .filter(name -> !name.startsWith("["));
    }

    @Test
    void librariesOfTheServerAreNotThere() throws IOException {
        assertThat(System.getProperty("java.class.path")).contains("spring-core-", "hibernate-core-");
        assertThat(classPath.value()).doesNotContain("spring-", "hibernate-", "postgresql-");
    }

    @Test
    void ofASpringBootJarTheClassesAndTheNeededLibrariesAreUnpacked() throws IOException {
        Path jar = directory.resolve("anneal.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of(
                    "META-INF/MANIFEST.MF",
                    "BOOT-INF/classes/dev/",
                    "BOOT-INF/classes/dev/A.class",
                    "BOOT-INF/classes/programs/a.py",
                    "BOOT-INF/lib/",
                    "BOOT-INF/lib/api-0.35.1.jar",
                    "BOOT-INF/lib/pytorch-native-cpu-2.7.1-linux-x86_64.jar",
                    "BOOT-INF/lib/tomcat-embed-core-11.0.27.jar",
                    "BOOT-INF/lib/jackson-dataformat-yaml-3.1.7.jar")) {
                out.putNextEntry(new ZipEntry(name));
                out.write(name.getBytes());
            }
        }
        Path unpacked = Files.createDirectory(directory.resolve("unpacked"));

        ChildClassPath.unpack(jar, unpacked);

        try (Stream<Path> files = Files.list(unpacked)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "anneal.jar", "api-0.35.1.jar", "pytorch-native-cpu-2.7.1-linux-x86_64.jar");
        }
        try (URLClassLoader classes = new URLClassLoader(
                new URL[] {unpacked.resolve("anneal.jar").toUri().toURL()}, null)) {
            assertThat(classes.getResource("dev/A.class")).isNotNull();
            assertThat(classes.getResource("programs/a.py")).isNotNull();
        }
    }

    @Test
    void ofAJarThatNamesItsLibrariesTheClassesAreUnpackedAndTheNeededLibrariesStayWhereTheyAre() throws IOException {
        Path jar = directory.resolve("anneal.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(Attributes.Name.CLASS_PATH, "lib/api-0.35.1.jar lib/spring-core-7.0.10.jar lib/gson-2.13.2.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String name : List.of("META-INF/maven/pom.xml", "dev/", "dev/A.class", "programs/a.py")) {
                out.putNextEntry(new ZipEntry(name));
                out.write(name.getBytes());
            }
        }
        Path unpacked = Files.createDirectory(directory.resolve("unpacked"));

        ChildClassPath.unpack(jar, unpacked);

        try (JarFile classes = new JarFile(unpacked.resolve("anneal.jar").toFile())) {
            assertThat(classes.stream().map(ZipEntry::getName))
                    .containsExactly("META-INF/maven/pom.xml", "dev/A.class", "programs/a.py");
        }
        assertThat(ChildClassPath.namedLibraries(jar))
                .containsExactly(directory.resolve("lib/api-0.35.1.jar"), directory.resolve("lib/gson-2.13.2.jar"));
    }

    @Test
    void whatIsDeletedOfTheUnpackedClassesIsUnpackedAgainButAReplacedProgramIsNot() throws IOException {
        Path jar = jar("dev/A.class");
        byte[] program = Files.readAllBytes(jar);
        Path unpacked = Path.of(classPath.value(jar.toString()));
        assertThat(unpacked).isRegularFile();

        Files.delete(unpacked);
        assertThat(classPath.value(jar.toString())).isEqualTo(unpacked.toString());
        assertThat(unpacked).isRegularFile();

        Files.delete(unpacked);
        jar("dev/B.class");
        assertReplaced(jar);
        Files.delete(jar);
        assertReplaced(jar);

        Files.write(jar, program);
        assertThat(classPath.value(jar.toString())).isEqualTo(unpacked.toString());
        assertThat(classPath.isReplaced()).isFalse();
    }

    private void assertReplaced(Path jar) {
        assertThatThrownBy(() -> classPath.value(jar.toString()))
                .isInstanceOf(ProgramReplacedException.class)
                .hasMessageContaining("Restart the server.");
        assertThat(classPath.isReplaced()).isTrue();
    }

    @Test
    void unpackedClassesThatNoProcessHasUsedForAMonthAreRemoved() throws IOException {
        Path jar = jar("dev/A.class");
        Path own = Path.of(classPath.value(jar.toString())).getParent();
        Path old = version("old", 31);
        Path recent = version("recent", 29);
        Files.setLastModifiedTime(own, daysAgo(31));

        new ChildClassPath(data).value(jar.toString());

        assertThat(old).doesNotExist();
        assertThat(recent).isDirectory();
        assertThat(own).isDirectory();
        Files.setLastModifiedTime(own, daysAgo(31));
        classPath.value(jar.toString());
        assertThat(Files.getLastModifiedTime(own)).isGreaterThan(daysAgo(1));
    }

    private Path version(String name, int days) throws IOException {
        Path directory = Files.createDirectories(data.directory("runtime").resolve(name));
        Files.createFile(directory.resolve("anneal.jar"));
        Files.setLastModifiedTime(directory, daysAgo(days));
        return directory;
    }

    private static FileTime daysAgo(int days) {
        return FileTime.from(Instant.now().minus(Duration.ofDays(days)));
    }

    private Path jar(String name) throws IOException {
        Path jar = directory.resolve("anneal.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry(name));
            out.write(name.getBytes());
        }
        return jar;
    }
}
