package dev.anneal.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A batch for a GPU has its arrays twice: on the device, and on the host to ask about them. Here both are on the CPU. */
class PlacedBatchTest {
    static Stream<String> models() {
        return Golden.names().stream().filter(name -> Golden.of(name).config().task() != null);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theLossIsThatOfABatchOnACpu(String name) {
        Golden golden = Golden.of(name);
        Task task = golden.config().task();
        int labels = Math.max(1, golden.config().labels().size());
        Head head = TestModels.head(golden.config(), task, labels);
        Torch.useThreads(1);
        try (Model model = Model.load(golden.directory(), golden.config(), head, "cpu");
                NDManager arrays = model.newBatchManager()) {
            Map<String, NDArray> batch = batch(golden.inputs(), task, arrays);

            float expected = model.infer(arrays, "loss", batch, 0.0).getFloat();
            float[] scores = model.infer(arrays, "predict", batch).toFloatArray();
            model.placeBatches();

            assertThat(model.infer(arrays, "loss", batch, 0.0).getFloat())
                    .isFinite()
                    .isEqualTo(expected);
            assertThat(model.infer(arrays, "predict", batch).toFloatArray()).isEqualTo(scores);
        }
    }

    private static Map<String, NDArray> batch(List<Encoded> texts, Task task, NDManager arrays) {
        Map<String, NDArray> batch = Batch.of(texts, arrays);
        Shape shape = batch.get("ids").getShape();
        boolean perText = task == Task.TEXT_CLASSIFICATION;
        float[] labels = new float[perText ? texts.size() : (int) shape.size()];
        if (task.isLanguageModel()) {
            long[] ids = batch.get("ids").toLongArray();
            long[] segments = batch.get("segments").toLongArray();
            for (int i = 0; i < labels.length; i++) {
                labels[i] = segments[i] == 0 ? -100 : ids[i];
            }
        }
        batch.put("labels", perText ? arrays.create(labels) : arrays.create(labels, shape));
        return batch;
    }
}
