package dev.anneal.training.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.spec.Checkpointing;
import dev.anneal.training.event.EpochMetrics;
import dev.anneal.training.event.EventStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on a disk that takes some of them. */
class CheckpointsTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();
    private final EventStream events = new EventStream(new PrintStream(told, false, StandardCharsets.UTF_8));

    @Test
    void whereTheBestModelCouldNotBeWrittenNoneIsThatNeedsIt() throws IOException {
        try (Checkpoints checkpoints =
                new Checkpoints(directory, new Checkpointing(1, null, 1), rows(9, null), events)) {
            EpochMetrics first = metrics(1, 5);
            assertThat(write(checkpoints, validated(first, first), CheckpointsTest::whole))
                    .isTrue();
            EpochMetrics second = metrics(2, 10);
            write(checkpoints, validated(second, second), CheckpointsTest::thatCannotBeFinished);

            TrainingState within =
                    validated(second, second).nextEpoch().stepped(1).withLoss(0.5, 1);
            assertThat(write(checkpoints, within, null)).isFalse();
            checkpoints.await();

            assertThat(told.toString(StandardCharsets.UTF_8))
                    .contains(
                            "The checkpoint of step 10 could not be written",
                            "The checkpoint of step 11 could not be written");
            assertThat(directory.resolve("00000005/training.safetensors")).exists();
            assertThat(directory.resolve("00000011")).doesNotExist();
            assertThatThrownBy(() -> checkpoints.modelOf(second))
                    .as("another try may find room")
                    .hasRootCauseInstanceOf(IOException.class)
                    .hasMessage("The model of epoch 2 could not be written.");
        }
    }

    @Test
    void aCheckpointOfAnotherNumberOfTrainingExamplesIsNotResumed() {
        Checkpointing settings = new Checkpointing(1, null, 1);
        try (Checkpoints before = new Checkpoints(directory, settings, rows(9, null), events)) {
            write(before, TrainingState.START.stepped(1), null);
        }
        List<String> earlier = List.of(directory.resolve("00000001").toString());

        try (Checkpoints other = new Checkpoints(directory.resolve("other"), settings, rows(8, null), events)) {
            assertThat(other.resume(earlier, (tensors, checkpoint) -> {})).isNull();
        }
        assertThat(told.toString(StandardCharsets.UTF_8))
                .contains("it is of a run with 9 training examples, but this run has 8");
        try (Checkpoints same = new Checkpoints(directory.resolve("same"), settings, rows(9, null), events)) {
            assertThat(same.resume(earlier, (tensors, checkpoint) -> {})).isNotNull();
        }
    }

    @Test
    void aCheckpointOfOtherRowsOfASubsetIsNotResumed() {
        assertThat(skipped(rows(9, "a"), rows(9, "a"))).isEmpty();
        assertThat(skipped(rows(9, "a"), rows(9, "b"))).contains("a run that drew other rows for the subset");
        assertThat(skipped(rows(9, null), rows(9, "b"))).contains("an earlier version wrote it");
        assertThat(skipped(rows(9, null), rows(9, null))).isEmpty();
    }

    /** Returns the messages when a run resumes from the checkpoint of another one. */
    private String skipped(TrainedRows before, TrainedRows now) {
        Checkpointing settings = new Checkpointing(1, null, 1);
        try (Checkpoints first = new Checkpoints(directory, settings, before, events)) {
            write(first, TrainingState.START.stepped(1), null);
        }
        told.reset();
        try (Checkpoints second = new Checkpoints(directory.resolve("now"), settings, now, events)) {
            second.resume(List.of(directory.resolve("00000001").toString()), (tensors, checkpoint) -> {});
        }
        return told.toString(StandardCharsets.UTF_8);
    }

    private static TrainedRows rows(int examples, @Nullable String drawn) {
        return new TrainedRows(examples, drawn);
    }

    private static boolean write(Checkpoints checkpoints, TrainingState state, Checkpoints.@Nullable Export model) {
        return checkpoints.write("test", state, 1, new TreeMap<>(), model, null);
    }

    private static TrainingState validated(EpochMetrics epoch, EpochMetrics best) {
        return new TrainingState(epoch.step(), epoch.epoch(), 5, 1, 1, 1, 0, true, best, null);
    }

    private static EpochMetrics metrics(int epoch, int step) {
        return new EpochMetrics(epoch, step, false, 0.5, 0.5, 0.1, 9, null, 2, Map.of());
    }

    private static void whole(Path model) throws IOException {
        Files.createDirectories(model);
        Files.writeString(model.resolve("config.json"), "{}");
    }

    /** A failure as that of a disk that is full just then. */
    private static void thatCannotBeFinished(Path model) throws IOException {
        whole(model);
        Files.createDirectories(model.resolveSibling("state.json"));
    }
}
