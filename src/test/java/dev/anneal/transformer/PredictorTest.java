package dev.anneal.transformer;

import static dev.anneal.testing.ManyValues.assertSameBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictorTest {
    @TempDir
    Path directory;

    @Test
    void aTextHasTheSameScoresAloneAndPaddedInABatch() throws IOException {
        try (Predictor classifier = Predictor.load(TestModels.tiny(directory.resolve("m"), "a", "b", "c"), "cpu")) {
            Encoded shortText = classifier.encode("short", null);
            Encoded pair = classifier.encode("one text", "and another");
            Encoded longText = classifier.encode("a text that is quite a bit longer than the short one", null);

            List<float[]> together = classifier.scores(List.of(shortText, pair, longText));

            assertThat(together.get(0))
                    .containsExactly(classifier.scores(List.of(shortText)).get(0), within(1e-5f));
            assertThat(together.get(1))
                    .containsExactly(classifier.scores(List.of(pair)).get(0), within(1e-5f));
            assertThat(together.get(0)[0] + together.get(0)[1] + together.get(0)[2])
                    .isCloseTo(1, within(1e-5f));
            assertThat(together.get(0)[0]).isNotCloseTo(together.get(2)[0], within(1e-5f));
        }
    }

    @Test
    void textsPackedIntoOneRowHaveTheScoresThatTheyHaveAlone() throws IOException {
        Path directory = TestModels.tiny(this.directory.resolve("m"), "a", "b");
        ModelConfig config = ModelConfig.read(directory);
        Torch.useThreads(1);
        try (Model model = Model.load(directory, config, TestModels.head(config, Task.TEXT_CLASSIFICATION, 2), "cpu");
                NDManager manager = model.newManager()) {
            Map<String, NDArray> packed = Map.of(
                    "ids", manager.create(new long[][] {{101, 2001, 102, 101, 2002, 2003, 102, 0}}),
                    "segments", manager.create(new long[][] {{1, 1, 1, 2, 2, 2, 2, 0}}));
            List<Encoded> alone = List.of(
                    new Encoded(new int[] {101, 2001, 102}, null), new Encoded(new int[] {101, 2002, 2003, 102}, null));

            float[] expected =
                    model.infer(manager, "predict", Batch.of(alone, manager)).toFloatArray();
            assertThat(model.infer(manager, "predict", packed).toFloatArray()).containsExactly(expected, within(1e-5f));
        }
    }

    @Test
    void severalInstancesWorkAtOnceInTheirThreads() throws IOException {
        Path model = TestModels.tiny(directory.resolve("m"), "a", "b");
        List<CompletableFuture<float[]>> scores = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try (Predictor classifier = Predictor.load(model, "cpu", 1 + i % 2)) {
                        return classifier
                                .scores(List.of(classifier.encode("a text", null)))
                                .get(0);
                    }
                }))
                .toList();
        for (int i = 0; i < scores.size(); i++) {
            float[] found = scores.get(i).join();
            assertThat(found).containsExactly(scores.get(i % 2).join(), within(1e-6f));
            // One thread and two add the same numbers in another order: a difference of 1.5e-6 was seen.
            assertThat(found).containsExactly(scores.get(0).join(), within(1e-5f));
        }
    }

    @Test
    void severalThreadsMayUseOneInstance() throws IOException {
        try (Predictor classifier = Predictor.load(TestModels.tiny(directory.resolve("m"), "a", "b"), "cpu")) {
            Encoded text = classifier.encode("a text", null);
            float[] expected = classifier.scores(List.of(text)).get(0);
            List<CompletableFuture<float[]>> scores = IntStream.range(0, 40)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> classifier.scores(List.of(text), 1 + i % 2).get(0)))
                    .toList();
            for (CompletableFuture<float[]> each : scores) {
                assertThat(each.join()).containsExactly(expected, within(1e-6f));
            }
        }
    }

    @Test
    void bf16ChangesProbabilitiesByNoMoreThanTheCheckAllows() throws IOException {
        Path model = TestModels.tiny(directory.resolve("m"), "a", "b", "c");
        try (Predictor exact = Predictor.load(model, "cpu");
                Predictor rounded = Predictor.rounded(model, "cpu", 1, Predictor.BOUND, null)) {
            assertThat(rounded.precision()).isEqualTo("bf16");
            assertThat(rounded.difference()).isBetween(1e-9, Predictor.BOUND);
            List<Encoded> texts = List.of(exact.encode("a text of the test", null), exact.encode("short", "pair"));
            List<float[]> expected = exact.scores(texts);
            List<float[]> found = rounded.scores(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(found.get(i)).containsExactly(expected.get(i), within((float) Predictor.BOUND));
            }
        }
    }

    @Test
    void aModelWhoseProbabilitiesDifferTooMuchInBf16IsComputedInFp32() throws IOException {
        Path model = TestModels.tiny(directory.resolve("m"), "a", "b");
        var tensors = Safetensors.read(model.resolve("model.safetensors"));
        tensors.computeIfPresent("classifier.weight", (name, old) -> {
            // In bf16, all these numbers are 1,000.
            ByteBuffer equal =
                    ByteBuffer.allocate(old.bytes().get().remaining()).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer numbers = old.bytes().get();
            while (numbers.hasRemaining()) {
                equal.putFloat(1000 + 1.9f * Math.signum(numbers.getFloat()));
            }
            return new StoredTensor(old.dtype(), old.shape(), equal::rewind);
        });
        Safetensors.write(model.resolve("model.safetensors"), tensors);

        try (Predictor exact = Predictor.load(model, "cpu");
                Predictor checked = Predictor.rounded(model, "cpu", 1, Predictor.BOUND, null)) {
            assertThat(checked.precision()).isEqualTo("fp32");
            assertThat(checked.difference()).isGreaterThan(Predictor.BOUND);
            Encoded text = exact.encode("a text", null);
            assertThat(checked.scores(List.of(text)).get(0))
                    .containsExactly(exact.scores(List.of(text)).get(0), within(1e-6f));
        }
    }

    @Test
    void aDifferenceThatIsKnownFromAnEarlierCheckDecidesWithoutAnother() throws IOException {
        Path model = TestModels.tiny(directory.resolve("m"), "a", "b");
        try (Predictor rounded = Predictor.rounded(model, "cpu", 1, Predictor.BOUND, 0.0123);
                Predictor checked = Predictor.rounded(model, "cpu", 1, Predictor.BOUND, null);
                Predictor exact = Predictor.rounded(model, "cpu", 1, Predictor.BOUND, 0.3)) {
            assertThat(rounded.precision()).isEqualTo("bf16");
            assertThat(rounded.difference()).isEqualTo(0.0123);
            Encoded text = exact.encode("a text", null);
            assertThat(rounded.scores(List.of(text)).get(0))
                    .isEqualTo(checked.scores(List.of(text)).get(0));
            assertThat(exact.precision()).isEqualTo("fp32");
            assertThat(exact.difference()).isEqualTo(0.3);
        }
    }

    @Test
    void aBatchHasTheSameScoresOnAnyNumberOfThreads() throws IOException {
        Path model = TestModels.tiny(directory.resolve("m"), "a", "b", "c");
        try (Predictor exact = Predictor.load(model, "cpu");
                Predictor rounded = Predictor.load(model, "cpu", 1, Predictor.BF16, null)) {
            for (Predictor each : List.of(exact, rounded)) {
                List<Encoded> texts = IntStream.range(0, 40)
                        .mapToObj(i -> each.encode("a text of the test ".repeat(1 + i % 7), null))
                        .toList();
                List<float[]> expected = each.scores(texts, 1);
                for (int threads : new int[] {2, 3}) {
                    List<float[]> found = each.scores(texts, threads);
                    for (int i = 0; i < texts.size(); i++) {
                        assertThat(found.get(i))
                                .as("%s on %d threads", each.precision(), threads)
                                .containsExactly(expected.get(i), within(each == exact ? 1e-6f : 1e-3f));
                    }
                }
            }
        }
    }

    @Test
    void bf16MayChangeALargeNumberByAShareOfIt() throws IOException {
        Path base = TestModels.tiny(directory.resolve("base"));
        Path saved = directory.resolve("saved");
        ModelConfig config = ModelConfig.read(base);
        Head head = TestModels.head(config, Task.TEXT_REGRESSION, 1);
        Random random = new Random(1);
        try (Model model = Model.load(base, config.withHead(head, List.of()), head, "cpu", 0, null, (name, shape) -> {
            float[] values = new float[(int) shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (name.equals("classifier.weight") ? 1000 : 1) * (float) random.nextGaussian();
            }
            return values;
        })) {
            ModelDirectory.save(saved, model, base, 64);
        }

        try (Predictor exact = Predictor.load(saved, "cpu");
                Predictor rounded = Predictor.rounded(saved, "cpu", 1, Predictor.BOUND, null)) {
            Encoded text = exact.encode("a text of the test", null);
            float expected = exact.scores(List.of(text)).get(0)[0];
            float found = rounded.scores(List.of(text)).get(0)[0];
            assertThat(rounded.precision()).isEqualTo("bf16");
            assertThat(Math.abs(expected)).isGreaterThan(100);
            assertThat(Math.abs(found - expected)).isBetween((float) Predictor.BOUND, 0.1f * Math.abs(expected));
        }
    }

    @Test
    void aSavedModelScoresAsTheOneInMemoryDid() throws IOException {
        Path base = TestModels.tiny(directory.resolve("base"), "a", "b");
        Path saved = directory.resolve("saved");
        ModelConfig config = ModelConfig.read(base);
        try (Model model = Model.load(base, config, TestModels.head(config, Task.TEXT_CLASSIFICATION, 2), "cpu")) {
            ModelDirectory.save(saved, model, base, 64);
        }

        assertSameBytes(saved.resolve("model.safetensors"), base.resolve("model.safetensors"));
        try (Predictor classifier = Predictor.load(saved, "cpu")) {
            assertThat(classifier.labels()).containsExactly("a", "b");
            assertThat(classifier.maxLength()).isEqualTo(64);
        }
        assertThat(Safetensors.read(saved.resolve("model.safetensors")))
                .containsKeys("bert.pooler.dense.weight", "classifier.weight");
    }

    @Test
    void aModelThatCannotBeUsedIsRefusedWithTheReason() throws IOException {
        Path encoder = TestModels.tiny(directory.resolve("encoder"));
        assertThatThrownBy(() -> Predictor.load(encoder, "cpu"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("no head for predictions");

        Path whole = TestModels.tiny(directory.resolve("whole"), "a", "b");
        var tensors = Safetensors.read(whole.resolve("model.safetensors"));
        tensors.computeIfPresent("classifier.weight", (name, old) -> new StoredTensor("I32", old.shape(), old.bytes()));
        Safetensors.write(whole.resolve("model.safetensors"), tensors);
        assertThatThrownBy(() -> ModelFiles.inspect(whole)).hasMessageContaining("classifier.weight is stored as I32");

        Path cut = TestModels.tiny(directory.resolve("cut"), "a", "b");
        Path weights = cut.resolve("model.safetensors");
        Files.write(weights, Arrays.copyOf(Files.readAllBytes(weights), 100_000));
        assertThatThrownBy(() -> ModelFiles.inspect(cut))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("truncated");

        Files.delete(weights);
        assertThatThrownBy(() -> ModelFiles.inspect(cut)).hasMessage("The model has no model.safetensors");
    }
}
