package dev.anneal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.files.DurableFiles;
import dev.anneal.transformer.TestModels;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tokenized rows that trainers of a machine share. */
class TokenizedRowsTest {
    private static final Map<String, Object> ONE_EPOCH = Map.of("epochs", 1);
    /** 25 rows to train on, 20 to validate and 20 to test. */
    private static final int ROWS = 65;

    @TempDir
    Path directory;

    @Test
    void aSecondJobWithTheSameRowsDoesNotTokenizeAndTrainsTheSameModel() throws Exception {
        Training alone = Training.run(work("alone", Map.of(), false));
        Training first = Training.run(work("first", Map.of(), true));
        Training second = Training.run(work("second", Map.of(), true));

        assertThat(counts(alone)).containsExactly(ROWS, 0);
        assertThat(counts(first)).containsExactly(ROWS, 0);
        assertThat(counts(second)).containsExactly(0, ROWS);
        ResumeTest.assertSame(first, alone);
        ResumeTest.assertSame(second, alone);
        assertThat(logs(first)).isEqualTo(logs(alone));
        assertThat(logs(second)).isEqualTo(logs(alone));
    }

    @Test
    void rowsThatBecomeOtherExamplesAreTokenizedAgain() throws Exception {
        Training.run(work("first", ONE_EPOCH, true));
        Training longer = Training.run(work("longer", Map.of("epochs", 1, "max_length", 8), true));
        Path windows = work("windows", ONE_EPOCH, true);
        WorkDirectory.set(windows, "spec.json", Map.of("task_options", Map.of("long_texts", "windows")));
        Path others = work("others", ONE_EPOCH, true);
        Files.writeString(
                others.resolve("train.jsonl"),
                Files.readString(others.resolve("train.jsonl")).replace("soup", "stew"));
        Path otherTokenizer = work("tokenizer", ONE_EPOCH, true);
        Path base = directory.resolve("other-base");
        TestModels.tiny(base);
        Files.writeString(base.resolve("special_tokens_map.json"), "{\"cls_token\":\"[CLS]\"}");
        WorkDirectory.set(otherTokenizer, "placement.json", Map.of("base_model", base.toString()));

        assertThat(counts(longer)).containsExactly(ROWS, 0);
        assertThat(counts(Training.run(windows))).containsExactly(ROWS, 0);
        assertThat(counts(Training.run(others))).containsExactly(25, 40);
        assertThat(counts(Training.run(otherTokenizer))).containsExactly(ROWS, 0);
    }

    /** It may make other examples of the same rows. */
    @Test
    void anotherBuildOfTheProgramTokenizesAgain() throws Exception {
        Path classes = Path.of(Trainer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        assumeTrue(Files.isDirectory(classes));
        Path copy = directory.resolve("classes");
        DurableFiles.link(classes, copy);
        Training.run(work("first", ONE_EPOCH, true));

        TrainerProcess same = TrainerProcess.run(work("same", ONE_EPOCH, true), copy);
        Files.writeString(copy.resolve("dev/anneal/training/Added.class"), "a class of a later build");
        TrainerProcess later = TrainerProcess.run(work("later", ONE_EPOCH, true), copy);

        assertThat(counts(start(same))).containsExactly(0, ROWS);
        assertThat(counts(start(later))).containsExactly(ROWS, 0);
    }

    @Test
    void aFullDiskIsAReasonForARetry() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no device that is always full");
        Path work = work("work", ONE_EPOCH, false);
        Files.createSymbolicLink(work.resolve("train.examples"), full);

        TrainerProcess trainer = TrainerProcess.run(work);

        // The worker retries an attempt with a stack trace, unless the exit code says that it would fail again.
        assertThat(trainer.exitCode()).isEqualTo(1);
        assertThat(Files.readString(work.resolve("err"))).contains("\tat ", "No space left on device");
        Files.delete(work.resolve("train.examples"));
        assertThat(counts(Training.run(work))).containsExactly(ROWS, 0);
    }

    @Test
    void aDamagedFileIsMadeAgain() throws Exception {
        Training first = Training.run(work("first", Map.of(), true));
        for (Path file : shared()) {
            try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                bytes.seek(4);
                bytes.write(99);
            }
        }
        Training second = Training.run(work("second", Map.of(), true));

        assertThat(counts(second)).containsExactly(ROWS, 0);
        ResumeTest.assertSame(second, first);
        assertThat(counts(Training.run(work("third", ONE_EPOCH, true)))).containsExactly(0, ROWS);
    }

    @Test
    void ofTwoTrainersThatStartAtOnceOneTokenizes() throws Exception {
        TrainerProcess one = TrainerProcess.start(many("one", 20_000, true), Map.of());
        TrainerProcess two = TrainerProcess.start(many("two", 20_000, true), Map.of());
        one.await("\"type\":\"start\"");
        two.await("\"type\":\"start\"");
        one.process().destroyForcibly();
        two.process().destroyForcibly();

        List<Integer> tokenized = Stream.of(one, two)
                .map(TokenizedRowsTest::start)
                .map(start -> start.path("rows_tokenized").asInt())
                .toList();
        // The validation rows of one may be tokenized by the other.
        assertThat(tokenized.stream().mapToInt(rows -> rows).sum()).isEqualTo(20_040);
        assertThat(tokenized).anyMatch(rows -> rows < 20_000);
    }

    /** A list of 200,000 examples takes about 47 MB. */
    @Test
    void manyRowsNeedNoMoreHeapAndTokenizingThemTellsHowFarItIsAndCanBeStopped() throws Exception {
        Path work = many("work", 200_000, true);
        TrainerProcess trainer = TrainerProcess.start(work, Map.of(), "40m");
        trainer.awaitFirstStep();
        trainer.process().destroyForcibly();

        JsonNode start = start(trainer);
        assertThat(start.path("rows_tokenized").asInt()).isEqualTo(200_040);
        assertThat(start.path("train_examples").asInt()).isEqualTo(200_000);

        WorkDirectory.set(work, "spec.json", Map.of("labels", List.of("positive", "negative"))); // tokenize again
        TrainerProcess stopped = TrainerProcess.start(work, Map.of("ANNEAL_WATCH_PARENT", "1"), "40m");
        stopped.await("\"type\":\"tokenizing\"");
        JsonNode progress = stopped.events("tokenizing").get(0);
        assertThat(progress.path("phase").asString()).isEqualTo("tokenizing");
        assertThat(progress.path("split").asString()).isEqualTo("train");
        assertThat(progress.path("rows").asInt()).isBetween(1, 199_999);
        assertThat(progress.path("percent").asDouble()).isBetween(0.1, 99.9);
        stopped.process().getOutputStream().write("stop\n".getBytes(StandardCharsets.US_ASCII));
        stopped.process().getOutputStream().flush();
        assertThat(stopped.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
        assertThat(stopped.exitCode()).isEqualTo(75);
    }

    private Path work(String name, Map<String, Object> hyperparameters, boolean isShared) throws IOException {
        Path work = ShortRuns.work(
                directory, name, Map.of("dataset", "ds_1"), hyperparameters, ShortRuns.checkpoints(null, 2));
        if (isShared) {
            Map<String, Object> shared = new HashMap<>();
            shared.put("tokenized_rows", directory.resolve("shared").toString());
            shared.put("tokenized_bytes", 1_000_000_000L);
            WorkDirectory.set(work, "placement.json", shared);
        }
        return work;
    }

    private Path many(String name, int rows, boolean isShared) throws IOException {
        Path work = work(name, ONE_EPOCH, isShared);
        try (BufferedWriter out = Files.newBufferedWriter(work.resolve("train.jsonl"))) {
            for (int i = 0; i < rows; i++) {
                out.write("{\"text\":\"the soup number %d was %s\",\"label\":\"%s\"}\n"
                        .formatted(i, i % 2 == 0 ? "cold" : "tasty", i % 2 == 0 ? "negative" : "positive"));
            }
        }
        return work;
    }

    private List<Path> shared() throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("shared/ds_1"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static JsonNode start(TrainerProcess trainer) {
        try {
            return trainer.events("start").get(0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Integer> counts(Training training) {
        return counts(training.events("start").get(0));
    }

    private static List<Integer> counts(JsonNode start) {
        return List.of(
                start.path("rows_tokenized").asInt(),
                start.path("rows_tokenized_before").asInt());
    }

    private static List<String> logs(Training training) {
        return training.events("log").stream()
                .map(log -> log.path("message").asString())
                .toList();
    }
}
