package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.Metric;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CausalLmTaskTest {
    private static final Path LLAMA = Path.of("src/test/resources/models/llama");

    @Test
    void ofAChatOnlyTheAnswersCarryLoss() {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            Example example =
                    task(tokenizer, true).examples(Json.MAPPER.readTree("""
                    {"messages": [{"role": "user", "content": "the river"}, {"role": "assistant", "content": "the boats"},
                     {"role": "user", "content": "home"}, {"role": "assistant", "content": "evening"}]}""")).get(0);

            StringBuilder learned = new StringBuilder();
            StringBuilder given = new StringBuilder();
            for (int i = 0; i < example.target().length; i++) {
                String token = tokenizer.decode(new int[] {example.text().ids()[i]});
                if (example.target()[i] == Example.IGNORED) {
                    given.append(token);
                } else {
                    assertThat((int) example.target()[i])
                            .isEqualTo(example.text().ids()[i]);
                    learned.append(token);
                }
            }
            assertThat(learned.toString().replace(" ", "")).isEqualTo("theboatsevening");
            assertThat(given.toString().replace(" ", "")).contains("theriver").contains("home");
            assertThat(example.target()).contains((float) tokenizer.encodeAll("<|im_end|>", false)[0]);
        }
    }

    @Test
    void ofAPromptAndItsCompletionOnlyTheCompletionCarriesLossUnlessAllIsAskedFor() {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            var row = Json.MAPPER.readTree("{\"prompt\": \"the river\", \"completion\": \" runs\"}");
            Example example = task(tokenizer, true).examples(row).get(0);
            int prompt = tokenizer.encodeAll("the river", true).length;

            for (int i = 0; i < example.target().length; i++) {
                assertThat(example.target()[i] == Example.IGNORED).isEqualTo(i < prompt);
            }
            assertThat(task(tokenizer, false).examples(row).get(0).target()).doesNotContain(Example.IGNORED);
        }
    }

    @Test
    void packedTextsFillRowsAndLoseNothing() {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            CausalLmTask task = task(tokenizer, true);
            var row = Json.MAPPER.readTree("{\"text\": \"the river runs in the evening\"}");
            List<Example> texts = java.util.stream.Stream.generate(
                            () -> task.examples(row).get(0))
                    .limit(10)
                    .toList();

            Examples packed = task.packed(new Examples(texts), new SplittableRandom(1));

            assertThat(packed.size()).isLessThan(10);
            assertThat(java.util.Arrays.stream(packed.lengths()).sum())
                    .isEqualTo(10 * texts.get(0).text().length());
            assertThat(packed.all().stream().mapToDouble(task::count).sum()).isEqualTo(10 * task.count(texts.get(0)));
        }
    }

    private static CausalLmTask task(Tokenizer tokenizer, boolean completionsOnly) {
        JobSpec spec = new JobSpec(
                Task.CAUSAL_LM,
                "base",
                "ds_1",
                null,
                null,
                null,
                List.of(),
                Method.FULL,
                TestHyperparameters.of(0, 0, 1),
                new TaskOptions(null, true, completionsOnly, null, null),
                null,
                Metric.LOSS,
                null);
        return new CausalLmTask(spec, tokenizer, LLAMA, 64);
    }
}
