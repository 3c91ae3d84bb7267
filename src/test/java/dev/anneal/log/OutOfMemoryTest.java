package dev.anneal.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that was started without the JVM's own option ends, too, if memory runs out in any of its threads. */
class OutOfMemoryTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/anneal");
    /** Programs that the server starts with that option, and the command line. */
    private static final List<String> OTHER_PROGRAMS = List.of("cli", "host", "training", "transformer", "log");

    private static final Pattern CATCH = Pattern.compile(
            "catch \\([^)]*\\b(Throwable|Error|VirtualMachineError|OutOfMemoryError)\\b[^)]*\\)\\s*\\{");

    /** Fails once, in a task of a scheduler. */
    static final class Scheduled {
        private Scheduled() {}

        public static void main(String[] arguments) throws InterruptedException {
            LoggingScheduler scheduler = new LoggingScheduler(1, "test");
            CountDownLatch begun = new CountDownLatch(1);
            scheduler.scheduleWithFixedDelay(
                    () -> {
                        begun.countDown();
                        if (arguments[0].equals("memory")) {
                            throw new OutOfMemoryError("Java heap space");
                        }
                        throw new IllegalStateException("another fault");
                    },
                    0,
                    1,
                    TimeUnit.MILLISECONDS);
            begun.await();
            scheduler.shutdown();
            scheduler.awaitTermination(1, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "other"})
    void anErrorInAScheduledTaskIsLoggedAndOneOfMemoryEndsTheProcess(String fault) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Scheduled.class.getName(),
                        fault)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isEqualTo(fault.equals("memory") ? 3 : 0);
        assertThat(output)
                .contains(
                        fault.equals("memory")
                                ? "The server ends because its memory ran out: Java heap space. Raise its Java heap (-Xmx)"
                                : "another fault");
    }

    @Test
    void noThreadOfTheServerKeepsAnErrorToItself() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.filter(file -> file.toString().endsWith(".java")
                            && !OTHER_PROGRAMS.contains(
                                    SOURCES.relativize(file).getName(0).toString())))
                    .isNotEmpty()
                    .allSatisfy(file -> {
                        String text = Files.readString(file);
                        assertThat(text).doesNotContainPattern("Executors\\.new\\w*Scheduled");
                        assertThat(catchesOfErrors(text))
                                .allSatisfy(block -> assertThat(block).contains("OutOfMemory.endIf("));
                    });
        }
    }

    @Test
    void eachCatchOfErrorsIsFound() {
        assertThat(catchesOfErrors(
                        "try {} catch (IOException | Error e) { if (a) { b(); } } catch (JobError e) { c(); }"
                                + " catch (final Throwable t) { d(); }"))
                .containsExactly("{ if (a) { b(); } }", "{ d(); }");
    }

    /** Returns the blocks that run after any error, one that says that memory ran out among them. */
    private static List<String> catchesOfErrors(String text) {
        return CATCH.matcher(text)
                .results()
                .map(found -> block(text, found.end() - 1))
                .toList();
    }

    private static String block(String text, int start) {
        int end = start;
        int depth = 0;
        do {
            char c = text.charAt(end++);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        } while (depth > 0);
        return text.substring(start, end);
    }
}
