package dev.anneal.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.host.message.HostOptions;
import dev.anneal.host.message.HostRequest;
import dev.anneal.host.message.PredictMessage;
import dev.anneal.host.message.RunningSteps;
import dev.anneal.json.Json;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Texts for which a model has no answer. */
class PredictServiceTest {
    private static final String WEIGHTS = "bert.embeddings.word_embeddings.weight";

    @TempDir
    Path directory;

    private Path model;

    @BeforeEach
    void makeAClassifier() throws IOException {
        model = TestModels.tiny(directory.resolve("model"), "a", "b");
    }

    @Test
    void aTextWithoutTokensIsNamed() throws IOException {
        Path file = model.resolve(HuggingFaceFiles.TOKENIZER);
        ObjectNode tokenizer = (ObjectNode) Json.MAPPER.readTree(Files.readString(file));
        Files.writeString(file, Json.write(tokenizer.putNull("post_processor"))); // it adds [CLS] and [SEP]

        JsonNode answer = predict("a fine film", "\u0001");

        assertThat(answer.at("/error/code").asString()).isEqualTo("model_failed");
        assertThat(answer.at("/error/message").asString())
                .isEqualTo("inputs[1]: the tokenizer finds no tokens in this text. Leave it out.");
    }

    @Test
    void aTextWithScoresThatAreNotNumbersIsNamed() throws IOException {
        overflowOn("fish");

        JsonNode answer = predict("a fine film", "a fish");

        assertThat(answer.at("/error/code").asString()).as("%s", answer).isEqualTo("model_failed");
        assertThat(answer.at("/error/message").asString())
                .isEqualTo("inputs[1]: the model computes a number that is infinite or not a number.");
        assertThat(predict("a fine film").get("result")).hasSize(1);
    }

    /** Gives a word an embedding that is not a number, as if the model overflowed on it. */
    private void overflowOn(String word) throws IOException {
        int id;
        try (Tokenizer tokenizer = Tokenizer.load(model, 512)) {
            int[] ids = tokenizer.encodeAll(word, false);
            assertThat(ids).hasSize(1);
            id = ids[0];
        }
        Path file = model.resolve(HuggingFaceFiles.WEIGHTS);
        SortedMap<String, StoredTensor> tensors = Safetensors.read(file);
        StoredTensor embeddings = tensors.get(WEIGHTS);
        ByteBuffer values = ByteBuffer.allocate((int) embeddings.size()).order(ByteOrder.LITTLE_ENDIAN);
        values.put(embeddings.bytes().get()).flip();
        int width = (int) embeddings.shape()[1];
        for (int i = 0; i < width; i++) {
            values.putFloat((id * width + i) * Float.BYTES, Float.NaN);
        }
        tensors.put(WEIGHTS, new StoredTensor("F32", embeddings.shape(), values::duplicate));
        Path changed = model.resolve("changed");
        Safetensors.write(changed, tensors);
        Files.move(changed, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Returns the line of the answer. */
    private JsonNode predict(String... texts) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        HostOutput output = new HostOutput(written);
        Path steps = Files.createTempFile(directory, "host", ".steps");
        Watchdog watchdog = new Watchdog(output, RunningSteps.open(steps), 600, false);
        HostOptions options = new HostOptions(
                model.toString(), "cpu", 1, 0, 16, 8, 32_768, "fp32", null, false, steps.toString(), 60, 60);
        PredictService service = PredictService.load(model, options, watchdog, new CallThreads(Runnable::run));
        HostRequest request = new HostRequest(1, HostRequest.PREDICT, "project", "key", Json.MAPPER.nullNode());
        HostCall call = new HostCall(request, "cpu", output, watchdog, () -> {});

        List<PredictMessage.Input> inputs = Stream.of(texts)
                .map(text -> new PredictMessage.Input(text, null, null))
                .toList();
        service.answer(call, new PredictMessage(inputs, null, null));

        Awaitility.await().until(() -> written.size() > 0);
        return Json.MAPPER.readTree(written.toString(StandardCharsets.UTF_8));
    }
}
