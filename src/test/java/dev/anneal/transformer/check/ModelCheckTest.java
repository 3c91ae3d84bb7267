package dev.anneal.transformer.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelCheckTest {
    private static final Path MODELS = Path.of("src/test/resources/models");

    @TempDir
    Path directory;

    static Stream<HostileModels.Case> known() {
        return Stream.of(
                        HostileModels.configs(),
                        HostileModels.tokenizers(),
                        HostileModels.weights(),
                        HostileModels.templates(1_000))
                .flatMap(cases -> cases)
                .filter(hostile -> hostile.expected().length > 0);
    }

    /** None of these ends a process, so they can be checked in this one. */
    @ParameterizedTest
    @MethodSource("known")
    void aBrokenFileIsRefusedWithItsNameAndField(HostileModels.Case hostile) throws IOException {
        Path model = hostile.write(directory);
        assertThatThrownBy(() -> ModelCheck.check(model, step -> {}))
                .isInstanceOf(ModelException.class)
                .satisfies(refused -> assertThat(refused.getMessage())
                        .contains(hostile.expected())
                        .doesNotContain("java", "Exception", "line: ", "column")
                        .hasSizeLessThan(700));
    }

    /** Broken tokenizers can end a process, so ModelChecksTest and bench/hostile check those. */
    @Test
    void mutationsOfOtherFilesThanTokenizersAreAnswered() throws IOException {
        List<HostileModels.Case> mutations = HostileModels.mutations(3)
                .filter(hostile -> !hostile.kind().equals("tokenizer"))
                .limit(200)
                .toList();
        for (HostileModels.Case hostile : mutations) {
            Path model = hostile.write(directory);
            try {
                ModelCheck.check(model, step -> {});
            } catch (ModelException refused) {
                assertThat(refused.getMessage())
                        .as(hostile.toString())
                        .doesNotContain("java", "Exception")
                        .hasSizeLessThan(700);
            } catch (RuntimeException | Error other) {
                throw new AssertionError(hostile + " ends with " + other, other);
            }
        }
    }

    @Test
    void theParametersAreTheWeightsThatMayBeLoaded() throws IOException {
        Path model = TestModels.tiny(directory.resolve("tiny"), "a", "b");
        ModelFiles before = ModelFiles.inspect(model);
        Path file = model.resolve("model.safetensors");
        SortedMap<String, StoredTensor> tensors = Safetensors.read(file);
        long weights = tensors.values().stream().mapToLong(StoredTensor::count).sum();
        StoredTensor words = tensors.get("bert.embeddings.word_embeddings.weight");
        StoredTensor copied = new StoredTensor("F32", words.shape(), zeros(4 * words.count()));
        tensors.put("embeddings.word_embeddings.weight", copied); // another name of the same
        tensors.put("unused", new StoredTensor("F8_E4M3", new long[] {1 << 20}, zeros(1 << 20)));
        tensors.put("bert.pooler.dense.more", new StoredTensor("F32", new long[] {1 << 20}, zeros(4 << 20)));
        Path changed = directory.resolve("changed.safetensors");
        Safetensors.write(changed, tensors);
        Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);

        assertThat(before.parameters()).isEqualTo(weights);
        assertThat(ModelFiles.inspect(model).parameters()).isEqualTo(weights);
    }

    @Test
    void theWeightThatMakesAResultInfiniteIsNamed() throws IOException {
        Path model = TestModels.tiny(directory.resolve("tiny"), "a", "b");
        Path file = model.resolve("model.safetensors");
        SortedMap<String, StoredTensor> tensors = Safetensors.read(file);
        ByteBuffer large = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        while (large.hasRemaining()) {
            large.putFloat(3e38f);
        }
        tensors.put(
                "bert.encoder.layer.0.output.LayerNorm.weight", new StoredTensor("F32", new long[] {16}, large::flip));
        Path changed = directory.resolve("changed.safetensors");
        Safetensors.write(changed, tensors);
        Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> ModelCheck.check(model, step -> {}))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("model.safetensors: the model computes a number that is infinite")
                .hasMessageContaining(
                        "The largest weight is 3.0E38 in the tensor encoder.layer.0.output.LayerNorm.weight");
    }

    private static Supplier<ByteBuffer> zeros(long bytes) {
        return () -> ByteBuffer.allocate((int) bytes);
    }

    static Stream<String> models() throws IOException {
        try (Stream<Path> all = Files.list(MODELS)) {
            return all
                    .filter(model -> Files.exists(model.resolve("tokenizer.json")))
                    .map(model -> model.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aModelOfEachFamilyPasses(String name) {
        List<String> steps = new ArrayList<>();
        ModelFiles facts = ModelCheck.check(MODELS.resolve(name), steps::add);
        assertThat(facts).isEqualTo(ModelFiles.inspect(MODELS.resolve(name)));
        assertThat(steps)
                .startsWith("config.json", "model.safetensors", "tokenizer.json", "tokenizer.json: an empty text")
                .endsWith("run");
    }

    @Test
    void withoutATokenizerTheReasonSaysHowToWriteIt() throws IOException {
        Path model = TestModels.tiny(directory.resolve("tiny"), "good", "bad");
        Files.delete(model.resolve("tokenizer.json"));

        assertThatThrownBy(() -> ModelCheck.check(model, step -> {}))
                .hasMessage("The model has no tokenizer.json. Write it in Python:"
                        + " AutoTokenizer.from_pretrained(model).save_pretrained(folder)");
    }

    @Test
    void theBundledModelAndAClassifierPass() throws IOException {
        assertThat(ModelCheck.check(TestModels.bundled(), step -> {}).task()).isNull();
        Path classifier = TestModels.tiny(directory.resolve("tiny"), "good", "bad");
        assertThat(ModelCheck.check(classifier, step -> {}).task()).isEqualTo(Task.TEXT_CLASSIFICATION);
    }

    @Test
    void aTemplateMayRefuseAConversationByItsOwnWords() throws IOException {
        HostileModels.Case refusing = new HostileModels.Case(
                "template",
                "refuses system messages",
                "llama",
                model -> Files.writeString(
                        model.resolve("chat_template.jinja"),
                        "{% if messages[0].role == 'system' %}{{ raise_exception('No system messages.') }}{% endif %}"
                                + "{{ messages[0].content }}"),
                false);
        assertThat(ModelCheck.check(refusing.write(directory), step -> {}).architecture())
                .isEqualTo("llama");
    }
}
