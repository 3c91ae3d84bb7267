package dev.anneal.dataset.generated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Cases;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/**
 * Sends broken files of each format to a server. Each is stored or refused, soon, and never with a 5xx. Send other files with
 * {@code -Dbroken.seed=7 -Dbroken.count=100}.
 */
@ServerTest
@Timeout(300)
@TestPropertySource(properties = "anneal.roles=api,inference")
class BrokenUploadsTest {
    private static final long SEED = Long.getLong("broken.seed", 1);
    private static final int COUNT = Integer.getInteger("broken.count", 6);
    private static final Duration MOST = Duration.ofSeconds(20);
    private static final List<Path> REAL = List.of(Cases.DIRECTORY, Path.of("../shared/data"));
    private static final int MAX_REAL = 300_000;

    @Autowired
    Api api;

    static Stream<String> formats() {
        return Stream.concat(RandomFile.TEXTS.stream(), RandomFile.OTHERS.stream());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aChangedFileIsStoredOrRefused(String format) throws IOException {
        for (long seed = SEED; seed < SEED + COUNT; seed++) {
            RandomFile file = RandomFile.of(format, "utf-8", seed);
            byte[] broken = Mutations.changed(file.bytes(), new Random(seed));
            send("%s, seed %d".formatted(format, seed), file.name(), broken, file.form());
        }
    }

    @Test
    void randomBytesAreRefused() {
        for (long seed = SEED; seed < SEED + COUNT; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[1 + random.nextInt(3_000)];
            random.nextBytes(bytes);
            for (String name :
                    List.of("x", "x.csv", "x.json", "x.jsonl", "x.conll", "x.txt", "x.parquet", "x.xlsx", "x.zip")) {
                send("%s, seed %d".formatted(name, seed), name, bytes, Map.of());
            }
        }
    }

    @Test
    void realFilesThatAreChangedAreStoredOrRefused() throws IOException {
        for (Path directory : REAL.stream().filter(Files::isDirectory).toList()) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    byte[] whole = Files.readAllBytes(file);
                    if (whole.length > 0 && whole.length <= MAX_REAL) {
                        byte[] broken = Mutations.changed(whole, new Random(SEED + file.hashCode()));
                        send(file + ", seed " + SEED, file.getFileName().toString(), broken, Map.of());
                    }
                }
            }
        }
    }

    private void send(String what, String name, byte[] bytes, Map<String, String> form) {
        long begin = System.nanoTime();
        Answer answer = api.upload(name, bytes, form);
        assertThat(answer.status()).as("%s: %s", what, answer.json()).isLessThan(500);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).as(what).isLessThan(MOST);
    }
}
