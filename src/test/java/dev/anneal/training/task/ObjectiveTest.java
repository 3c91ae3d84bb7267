package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.training.TestSteps;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.training.task.Example.Sequence;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TestModels;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An objective is a program file: here one that compares the two texts of an example, in src/test/resources/programs. */
class ObjectiveTest {
    private static final Example PAIR = pair(new int[] {101, 2001, 2002, 102}, new int[] {101, 2003, 102});
    private static final Example OTHER = pair(new int[] {101, 2004, 102}, new int[] {101, 2005, 2006, 102});

    @TempDir
    Path directory;

    @Test
    void aModelLearnsWhichTextOfAPairIsPreferred() throws Exception {
        Path base = TestModels.tiny(directory.resolve("base"), "score", "unused");
        Torch.useThreads(1);
        ModelConfig config = ModelConfig.read(base);
        Head head = TestModels.head(config, Task.TEXT_CLASSIFICATION, 2);
        try (Model model = Model.load(
                        base, config, head, "pairwise", "cpu", 0, null, false, (name, shape) -> new float[0]);
                TestSteps steps = TestSteps.of(model, TestHyperparameters.of(0, 0, 1), Precision.FP32, null)) {
            double loss = 0;
            for (int step = 1; step <= 20; step++) {
                loss = steps.step(List.of(new Pairs(List.of(PAIR, OTHER))), 0.02, step);
            }

            assertThat(loss).isLessThan(0.05); // 0.69 is chance
            assertThat(scores(model, PAIR.sequences()))
                    .satisfies(s -> assertThat(s[0]).isGreaterThan(s[2]));
            assertThat(scores(model, OTHER.sequences()))
                    .satisfies(s -> assertThat(s[0]).isGreaterThan(s[2]));
        }
    }

    @Test
    void anExampleIsAsLongAsItsLongestTextAndItsTextsStayTogether() {
        Examples examples = new Examples(List.of(PAIR, OTHER));

        assertThat(examples.lengths()).containsExactly(4, 4);
        assertThat(Examples.texts(examples.stream().toList()))
                .extracting(text -> text.ids()[1])
                .containsExactly(2001, 2003, 2004, 2005);
        assertThatThrownBy(PAIR::text).isInstanceOf(IllegalStateException.class);
    }

    private record Pairs(List<Example> examples) implements MicroBatch {
        @Override
        public Map<String, NDArray> tensors(NDManager manager) {
            return Batch.of(Examples.texts(examples), manager);
        }

        @Override
        public double count() {
            return examples.size();
        }
    }

    private static float[] scores(Model model, List<Sequence> sequences) {
        try (NDManager manager = model.newManager()) {
            return model.infer(
                            manager,
                            "logits",
                            Batch.of(sequences.stream().map(Sequence::text).toList(), manager))
                    .toFloatArray();
        }
    }

    private static Example pair(int[] preferred, int[] rejected) {
        return new Example(List.of(
                new Sequence(new Encoded(preferred, null), new float[0]),
                new Sequence(new Encoded(rejected, null), new float[0])));
    }
}
