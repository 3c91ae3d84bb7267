package dev.anneal.training;

import static dev.anneal.testing.ManyValues.assertSameBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.ParentWatch;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.WorkFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Trainer processes that are killed, asked to stop, or find a disk that takes nothing. */
class InterruptionTest {
    private static final Map<String, Object> LONG = Map.of("epochs", 24);

    @TempDir
    Path directory;

    @Test
    void aTrainerThatIsKilledAgainAndAgainEndsWithTheSameModel() throws Exception {
        Training whole = Training.run(work("whole", LONG, ShortRuns.checkpoints(null, 2)));
        List<Object> earlier = new ArrayList<>(); // the best epoch may be one of an attempt before the last
        for (int step : List.of(3, 10, 24)) { // within an epoch, at the end of one, within another
            Map<String, Object> checkpoints = ShortRuns.checkpoints(1, 2);
            checkpoints.put("from", earlier);
            Path work = work("killed-" + step, LONG, checkpoints);
            TrainerProcess trainer = TrainerProcess.start(work, Map.of());
            trainer.await("\"step\":" + step + ",\"epoch\"");
            trainer.process().destroyForcibly().waitFor();
            earlier.addAll(0, (List<?>) ShortRuns.checkpointsFrom(work, 999).get("from"));
        }
        Map<String, Object> checkpoints = ShortRuns.checkpoints(null, 2);
        checkpoints.put("from", earlier);
        Training last = Training.run(work("last", LONG, checkpoints));

        assertThat(last.events("start").get(0).path("resumed_from_step").asInt())
                .as("%s", last.events("log"))
                .isGreaterThanOrEqualTo(23);
        ResumeTest.assertSame(last, whole);
    }

    @Test
    void aTrainerRemovesUnfinishedFilesOfAnEarlierOne() throws Exception {
        Path work = work("work", LONG, ShortRuns.checkpoints(1, 2));
        TrainerProcess trainer = TrainerProcess.start(work, Map.of());
        trainer.await("\"step\":7,\"epoch\"");
        trainer.process().destroyForcibly().waitFor();
        Files.createDirectories(work.resolve("checkpoints/00000099.tmp/model"));

        Training resumed = Training.run(work("work", LONG, ShortRuns.checkpointsFrom(work, 999)));

        assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                .isGreaterThanOrEqualTo(6);
        assertThat(ShortRuns.directories(work).map(path -> path.getFileName().toString()))
                .allMatch(name -> name.matches("\\d{8}"))
                .hasSizeBetween(2, 3);
    }

    @Test
    void aTrainerThatIsAskedToStopLeavesACheckpoint() throws Exception {
        Training whole = Training.run(work("whole", Map.of("epochs", 40), ShortRuns.checkpoints(null, 2)));
        Path work = work("stopped", Map.of("epochs", 40), ShortRuns.checkpoints(null, 2));
        TrainerProcess trainer = TrainerProcess.start(work, Map.of(ParentWatch.VARIABLE, "1"));
        trainer.awaitFirstStep();

        OutputStream lines = trainer.process().getOutputStream();
        lines.write("stop\n".getBytes(StandardCharsets.US_ASCII));
        lines.flush();

        assertThat(trainer.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(trainer.exitCode()).as(trainer.lastError()).isEqualTo(WorkFiles.STOPPED_EXIT_CODE);
        List<JsonNode> checkpoints = trainer.events("checkpoint");
        JsonNode last = checkpoints.get(checkpoints.size() - 1);
        assertThat(work.resolve("checkpoints").resolve(last.path("path").asString()))
                .isDirectory();

        Training resumed = Training.run(work("resumed", Map.of("epochs", 40), ShortRuns.checkpointsFrom(work, 999)));
        assertThat(resumed.events("start").get(0).path("resumed_from_step")).isEqualTo(last.path("step"));
        ResumeTest.assertSame(resumed, whole);
    }

    @Test
    void askedToStopAtTheEndOfAnEpochATrainerEndsWhenItsCheckpointIsWritten() throws Exception {
        Path work = work("stopped", Map.of(), ShortRuns.checkpoints(null, 2));
        StopRequest stop = new StopRequest();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Thread trainer = Thread.currentThread();
        PrintStream asking = new PrintStream(out, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                while (line.contains("\"type\":\"checkpoint\"") && trainer.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait(); // a slow disk
                }
                super.println(line);
                if (line.contains("\"type\":\"epoch\"")) {
                    stop.request();
                }
            }
        };

        assertThatThrownBy(() -> new Trainer(work, new EventStream(asking), stop).train())
                .isInstanceOf(StopRequest.Stopped.class);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("\"type\":\"checkpoint\"");
    }

    @Test
    void aDamagedCheckpointIsPassedOverForTheOneBefore() throws Exception {
        Training kept = Training.run(work("kept", Map.of(), ShortRuns.checkpoints(1, 100)));
        damage(kept.directory().resolve("checkpoints/00000009/training.safetensors"));
        Files.writeString(kept.directory().resolve("checkpoints/00000008/state.json"), "{\"training\":");
        Files.delete(kept.directory().resolve("checkpoints/00000007/training.safetensors"));

        Training resumed = Training.run(work("resumed", Map.of(), ShortRuns.checkpointsFrom(kept.directory(), 9)));

        assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                .isEqualTo(6);
        assertThat(warnings(resumed))
                .hasSize(3)
                .satisfies(all -> assertThat(all.get(0)).contains("00000009", "training.safetensors is corrupt"))
                .satisfies(all -> assertThat(all.get(1)).contains("00000008", "state.json is corrupt"))
                .satisfies(all -> assertThat(all.get(2)).contains("00000007", "training.safetensors"));
        ResumeTest.assertSame(resumed, kept);
    }

    @Test
    void aCheckpointWithoutItsBestModelIsSkippedAndWithoutAnyTrainingStartsAtTheBeginning() throws Exception {
        Training kept = Training.run(work("kept", Map.of(), ShortRuns.checkpoints(null, 100)));
        damage(kept.directory().resolve("checkpoints/00000005/model/model.safetensors"));

        Training resumed = Training.run(work("resumed", Map.of(), ShortRuns.checkpointsFrom(kept.directory(), 5)));

        assertThat(resumed.events("start").get(0).path("resumed_from_step").isNull())
                .isTrue();
        assertThat(warnings(resumed)).singleElement().asString().contains("00000005");
        ResumeTest.assertSame(resumed, kept);
    }

    @Test
    void theLastAndTheBestStay() throws Exception {
        // with such a rate the first epoch stays the best
        Training run =
                Training.run(work("work", Map.of("learning_rate", 10.0, "epochs", 4), ShortRuns.checkpoints(2, 2)));

        int best = 5 * run.events("done").get(0).path("best").path("epoch").asInt();
        List<String> left = ShortRuns.directories(run.directory())
                .map(path -> path.getFileName().toString())
                .toList();
        assertThat(left)
                .contains("%08d".formatted(best), "00000019", "00000020")
                .hasSizeLessThanOrEqualTo(3);
        if (best < 19) {
            assertThat(run.directory().resolve("checkpoints/%08d".formatted(best)))
                    .isDirectoryContaining("glob:**/model")
                    .isDirectoryContaining("glob:**/state.json")
                    .isDirectoryNotContaining("glob:**/training.safetensors");
        }
    }

    @Test
    void trainingContinuesIfACheckpointCannotBeWritten() throws Exception {
        Training whole = Training.run(work("whole", Map.of(), ShortRuns.checkpoints(null, 2)));
        Path work = work("work", Map.of(), ShortRuns.checkpoints(3, 2));
        Files.writeString(work.resolve("checkpoints"), "in the way");

        Training run = Training.run(work);

        assertThat(run.events("checkpoint")).isEmpty();
        assertThat(warnings(run)).hasSizeGreaterThan(3).allMatch(line -> line.contains("Training continues"));
        assertSameBytes(
                run.directory().resolve("model/model.safetensors"),
                whole.directory().resolve("model/model.safetensors"));
    }

    private static List<String> warnings(Training run) {
        return run.events("log").stream()
                .filter(log -> log.path("level").asString().equals("warn"))
                .map(log -> log.path("message").asString())
                .toList();
    }

    /** Damages a file, and no other of which it is a hard link, as the model of the best epoch may be. */
    private static void damage(Path file) throws IOException {
        Path copy = Files.copy(file, file.resolveSibling("copy"));
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() / 2);
            int old = bytes.read();
            bytes.seek(bytes.length() / 2);
            bytes.write(old ^ 1);
        }
    }

    private Path work(String name, Map<String, Object> hyperparameters, Map<String, Object> checkpoints)
            throws IOException {
        return ShortRuns.work(directory, name, Map.of(), hyperparameters, checkpoints);
    }
}
