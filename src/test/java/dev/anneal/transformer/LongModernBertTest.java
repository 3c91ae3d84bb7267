package dev.anneal.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.tokenizer.Encoded;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Texts of more tokens than those for which the windows of all tokens are made at once. */
class LongModernBertTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/models/modernbert-classifier-mean");

    @Test
    void aTextIsComputedBesideALongOneAsAlone() {
        ModelConfig config = ModelConfig.read(DIRECTORY);
        Architecture architecture = Architecture.of(config);
        var head = architecture.head(
                Objects.requireNonNull(config.task()), config, config.labels().size());
        Encoded text = text(500);
        try (Model model = Model.load(DIRECTORY, config, head, "cpu")) {
            float[] alone = scores(model, List.of(text));
            float[] beside = scores(model, List.of(text, text(700)));

            for (int i = 0; i < alone.length; i++) {
                assertThat(beside[i]).isCloseTo(alone[i], Offset.offset(1e-5f));
            }
        }
    }

    private static float[] scores(Model model, List<Encoded> texts) {
        try (NDManager arrays = model.newBatchManager()) {
            return model.infer(arrays, "predict", Batch.of(texts, arrays)).toFloatArray();
        }
    }

    private static Encoded text(int length) {
        return new Encoded(new Random(length).ints(length, 4, 150).toArray(), null);
    }
}
