package dev.anneal.training;

import static dev.anneal.testing.ManyValues.assertSameBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Trainings that validate within epochs. {@link ResumeTest} has those that resume. */
class EvalStepsTest {
    @TempDir
    Path directory;

    @Test
    void aTrainingStopsWithinAnEpochAndPublishesTheBestModelOfOne() throws Exception {
        Map<String, Object> stopping = Map.of("early_stopping", Map.of("metric", "loss", "patience", 2));
        // With such a rate the loss soon rises.
        Training run = run("work", stopping, Map.of("eval_steps", 1, "learning_rate", 1.0));

        List<JsonNode> validations = run.validations();
        JsonNode last = validations.get(validations.size() - 1);
        JsonNode best = validations.stream()
                .min(Comparator.comparingDouble(
                        metrics -> metrics.path("validation_loss").asDouble()))
                .orElseThrow();
        assertThat(last.path("step").asInt() % 5).as("it stops within an epoch").isNotZero();
        assertThat(last.path("step").asInt()).isEqualTo(best.path("step").asInt() + 2);
        assertThat(best.path("within_epoch").asBoolean()).as("%s", validations).isTrue();
        JsonNode published = run.events("done").get(0).path("best");
        assertThat(published.path("step")).isEqualTo(best.path("step"));
        assertThat(published.path("epoch")).isEqualTo(best.path("epoch"));
        assertThat(published.path("value")).isEqualTo(best.path("validation_loss"));
        assertThat(run.events("log").toString())
                .contains(
                        "Stopped early because loss no longer improved. The best model is that of step %d in epoch %d."
                                .formatted(
                                        best.path("step").asInt(),
                                        best.path("epoch").asInt()));
        Path checkpoint = Path.of("checkpoints/%08d".formatted(best.path("step").asInt()));
        assertSameBytes(
                run.directory().resolve("model/model.safetensors"),
                run.directory().resolve(checkpoint).resolve("model/model.safetensors"));
    }

    @Test
    void validationsWithinAnEpochTellOfItSoFarAndChangeNoStep() throws Exception {
        Training without = run("without", Map.of(), Map.of());
        Training run = run("with", Map.of(), Map.of("eval_steps", 2));

        List<JsonNode> validations = run.validations();
        assertThat(validations.stream().map(metrics -> metrics.path("step").asInt()))
                .containsExactly(2, 4, 5, 6, 8, 10, 12, 14, 15);
        assertThat(run.events("validation"))
                .allMatch(metrics -> metrics.path("within_epoch").asBoolean());
        List<JsonNode> ends = run.events("epoch");
        assertThat(ends).hasSize(3).noneMatch(metrics -> metrics.has("within_epoch"));
        for (int i = 0; i < ends.size(); i++) {
            JsonNode same = without.events("epoch").get(i);
            assertThat(ends.get(i).path("train_loss")).isEqualTo(same.path("train_loss"));
            assertThat(ends.get(i).path("validation_loss").asDouble())
                    .as("only the decay of words that are not trained is rounded otherwise")
                    .isCloseTo(same.path("validation_loss").asDouble(), within(1e-6));
        }
        assertThat(validations.get(1).path("seconds").asDouble())
                .as("the seconds of an epoch add up")
                .isBetween(
                        validations.get(0).path("seconds").asDouble(),
                        validations.get(2).path("seconds").asDouble());
        assertThat(validations.get(3).path("epoch").asInt()).isEqualTo(2);
        List<Integer> shown = run.events("step").stream()
                .map(step -> step.path("step").asInt())
                .toList();
        assertThat(shown).as("the steps before each validation").contains(2, 4, 5, 6);
    }

    @Test
    void aTrainerThatIsAskedToStopInOrAfterAValidationWithinAnEpochResumesToTheSameModel() throws Exception {
        Map<String, Object> hyperparameters = Map.of("eval_steps", 2);
        Training whole = run("whole", Map.of(), hyperparameters);
        for (String line : List.of(
                "{\"type\":\"step\",\"data\":{\"epoch\":1,\"epochs\":3,\"step\":2,", "\"type\":\"validation\"")) {
            Path work = ShortRuns.work(
                    directory, "stopped-" + line.length(), Map.of(), hyperparameters, ShortRuns.checkpoints(null, 2));
            stopAt(work, line);

            Training resumed = Training.run(ShortRuns.work(
                    directory,
                    "resumed-" + line.length(),
                    Map.of(),
                    hyperparameters,
                    ShortRuns.checkpointsFrom(work, 999)));
            assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                    .isEqualTo(2);
            assertThat(resumed.validations().get(0).path("step").asInt())
                    .as("the validation that was interrupted is repeated, one that has ended is not")
                    .isEqualTo(line.contains("validation") ? 4 : 2);
            ResumeTest.assertSame(resumed, whole);
        }
    }

    @Test
    void aTrainerThatIsAskedToStopAfterAValidationThatIsNotTheBestResumesAfterIt() throws Exception {
        Map<String, Object> hyperparameters = Map.of("eval_steps", 1, "learning_rate", 1.0);
        Training whole = run("whole", Map.of(), hyperparameters);
        double least = Double.MAX_VALUE;
        JsonNode worse = null;
        for (JsonNode metrics : whole.events("validation")) {
            double loss = metrics.path("validation_loss").asDouble();
            if (worse == null && loss > least) {
                worse = metrics;
            }
            least = Math.min(least, loss);
        }
        assertThat(worse).as("%s", whole.validations()).isNotNull();
        int step = worse.path("step").asInt();
        Path work = ShortRuns.work(directory, "stopped", Map.of(), hyperparameters, ShortRuns.checkpoints(null, 2));
        stopAt(
                work,
                "\"validation\",\"data\":{\"epoch\":%d,\"step\":%d,"
                        .formatted(worse.path("epoch").asInt(), step));

        Training resumed = Training.run(
                ShortRuns.work(directory, "resumed", Map.of(), hyperparameters, ShortRuns.checkpointsFrom(work, 999)));
        assertThat(resumed.events("start").get(0).path("resumed_from_step").asInt())
                .isEqualTo(step);
        assertThat(resumed.validations().get(0).path("step").asInt()).isEqualTo(step + 1);
        ResumeTest.assertSame(resumed, whole);
    }

    private static void stopAt(Path work, String part) {
        StopRequest stop = new StopRequest();
        PrintStream asking = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                super.println(line);
                if (line.contains(part)) {
                    stop.request();
                }
            }
        };
        assertThatThrownBy(() -> new Trainer(work, new EventStream(asking), stop).train())
                .isInstanceOf(StopRequest.Stopped.class);
    }

    @Test
    void tooManyValidationsFailBeforeTheFirstStep() {
        assertThatThrownBy(() -> run("work", Map.of(), Map.of("eval_steps", 1, "epochs", 201)))
                .isInstanceOf(TrainingException.class)
                .hasMessage(
                        "eval_steps is 1, but the job has 1,005 steps and can have at most 1,000 validations within epochs. "
                                + "Use at least 2.");
    }

    private Training run(String name, Map<String, Object> spec, Map<String, Object> hyperparameters)
            throws IOException {
        return Training.run(ShortRuns.work(directory, name, spec, hyperparameters, ShortRuns.checkpoints(null, 100)));
    }
}
