package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.json.Json;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BundledModelTest {
    private static final Path GOLDEN = Path.of("src/test/resources/goldens/all-minilm-l6-v2.json");

    private record Golden(String text, int[] ids, float[] last_hidden_cls_first8, float[] mean_pooled_l2_first8) {}

    @Test
    void itsFilesDescribeIt() {
        ModelFiles files = ModelFiles.inspect(TestModels.bundled());

        assertThat(files.architecture()).isEqualTo("bert");
        assertThat(files.parameters()).isEqualTo(22_713_216);
        assertThat(files.labels()).isEmpty();
        assertThat(files.maxLength()).isEqualTo(512);
        assertThat(files.sizeBytes()).isGreaterThan(4 * files.parameters());
        assertThat(files.sha256()).matches("[0-9a-f]{64}");
    }

    @Test
    void itComputesWhatTheReferenceComputed() throws IOException {
        Golden[] golden = Json.read(Files.readString(GOLDEN), Golden[].class);
        Torch.useThreads(1);
        try (Tokenizer tokenizer = Tokenizer.load(TestModels.bundled(), 128);
                Model model = TestModels.load(TestModels.bundled(), Task.TEXT_CLASSIFICATION, "a", "b");
                NDManager manager = model.newManager()) {
            for (Golden each : golden) {
                Encoded encoded = tokenizer.encode(each.text(), null);
                assertThat(encoded.ids()).as(each.text()).isEqualTo(each.ids());
                NDArray tokens = model.infer(manager, "token_states", Batch.of(List.of(encoded), manager), 0.0);
                NDArray mean = tokens.mean(new int[] {1});
                assertClose(tokens.get("0, 0"), each.last_hidden_cls_first8());
                assertClose(mean.div(mean.norm()).get(0), each.mean_pooled_l2_first8());
            }
        }
    }

    private static void assertClose(NDArray found, float[] expected) {
        assertThat(Arrays.copyOf(found.toFloatArray(), expected.length)).containsExactly(expected, within(1e-4f));
    }
}
