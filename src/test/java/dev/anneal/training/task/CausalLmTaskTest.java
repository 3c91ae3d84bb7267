package dev.anneal.training.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.evaluation.Metric;
import dev.anneal.json.Json;
import dev.anneal.spec.JobSpec;
import dev.anneal.spec.Method;
import dev.anneal.spec.TaskOptions;
import dev.anneal.testing.Cases;
import dev.anneal.training.TestHyperparameters;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CausalLmTaskTest {
    private static final Path LLAMA = Path.of("src/test/resources/models/llama");

    @Test
    void ofAChatOnlyTheAnswersCarryLoss() {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            Example example =
                    task(tokenizer, true).examples(Json.MAPPER.readTree("""
                    {"messages": [{"role": "user", "content": "the river"}, {"role": "assistant", "content": "the boats"},
                     {"role": "user", "content": "home"}, {"role": "assistant", "content": "evening"}]}""")).get(0);

            String learned = text(tokenizer, example, true);
            String given = text(tokenizer, example, false);
            assertThat(learned).isEqualTo("theboatsevening");
            assertThat(given).contains("theriver").contains("home");
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
            assertThat(packed.stream().mapToDouble(task::count).sum()).isEqualTo(10 * task.count(texts.get(0)));
        }
    }

    @Test
    void anAnswerOfWeight0IsNotLearned() {
        var row = Json.MAPPER.readTree("""
                {"messages": [{"role": "user", "content": "the river"}, {"role": "assistant", "content": "the boats", "weight": 0},
                 {"role": "user", "content": "home"}, {"role": "assistant", "content": "evening", "weight": 1}]}""");
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            Example example = task(tokenizer, true).examples(row).get(0);
            assertThat(text(tokenizer, example, true)).isEqualTo("evening");
            assertThat(text(tokenizer, example, false)).contains("theboats");

            Example all = task(tokenizer, false).examples(row).get(0);
            assertThat(text(tokenizer, all, true)).contains("theriver", "home", "evening");
            assertThat(text(tokenizer, all, false)).isEqualTo("theboats");
        }
    }

    @Test
    void noAnswerOfWeight0InTheCaseIsLearned() throws IOException {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            CausalLmTask task = task(tokenizer, true);
            for (String row : Files.readAllLines(Cases.of("chat-weight.jsonl"))) {
                Example example = task.examples(Json.MAPPER.readTree(row)).get(0);

                assertThat(text(tokenizer, example, true)).isEqualTo("fine");
                assertThat(text(tokenizer, example, false)).contains("ok", "again");
            }
        }
    }

    @Test
    void aFieldThatTheChatTemplateDoesNotUseIsToldAndOneThatItUsesIsLearned(@TempDir Path directory)
            throws IOException {
        var row = Json.MAPPER.readTree("""
                {"messages": [{"role": "user", "name": "the river", "content": "home"}, {"role": "assistant", "content": "evening"}]}""");
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            CausalLmTask without = task(tokenizer, true);
            without.examples(row);
            assertThat(without.warnings())
                    .containsExactly(
                            "The chat template of the base model does not use the field 'name' of messages, so it is not learned.");

            for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
                Files.copy(LLAMA.resolve(file), directory.resolve(file));
            }
            Files.writeString(
                    directory.resolve("chat_template.jinja"),
                    "{% for m in messages %}{{ m.name }} {{ m.content }} {% endfor %}");
            CausalLmTask with = task(tokenizer, true, directory, 64);
            assertThat(text(tokenizer, with.examples(row).get(0), false)).contains("theriver");
            assertThat(with.warnings()).isEmpty();
        }
    }

    @Test
    void ofAPromptThatIsTooLongTheBeginningIsLeftOutAndOfTheRestTheEnd() {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            CausalLmTask task = task(tokenizer, true);
            String river = "the river ".repeat(100);
            Example example = task.examples(
                            Json.MAPPER.valueToTree(Map.of("prompt", river + "home", "completion", " the boats")))
                    .get(0);

            assertThat(example.text().length()).isEqualTo(64);
            assertThat(text(tokenizer, example, true)).isEqualTo("theboats");
            assertThat(text(tokenizer, example, false)).endsWith("theriverhome");
            int whole = tokenizer.encodeAll(river + "home", true).length
                    + tokenizer.encodeAll(" the boats", false).length
                    + 1;
            assertThat(example.cut()).isEqualTo(new Example.Cut(whole - 64, 0));
            Integer begin = tokenizer.beginToken();
            if (begin != null && tokenizer.encodeAll("a", true)[0] == begin) {
                assertThat(example.text().ids()[0]).isEqualTo(begin);
            }

            Example endless = task.examples(
                            Json.MAPPER.valueToTree(Map.of("prompt", "home", "completion", " " + river)))
                    .get(0);
            assertThat(endless.text().length()).isEqualTo(64);
            assertThat(task.count(endless)).isPositive();
            assertThat(endless.cut().targets())
                    .isPositive()
                    .isLessThanOrEqualTo(endless.cut().tokens());
            assertThat(new Examples(List.of(example, endless)).truncated()).isEqualTo(2);
        }
    }

    @Test
    void ofAConversationThatIsTooLongTheBeginningIsLeftOutToo() {
        try (Tokenizer tokenizer = Tokenizer.load(LLAMA, 128)) {
            Example example = task(tokenizer, true)
                    .examples(Json.MAPPER.valueToTree(Map.of(
                            "messages",
                            List.of(
                                    Map.of("role", "user", "content", "the river ".repeat(100)),
                                    Map.of("role", "assistant", "content", "evening")))))
                    .get(0);

            assertThat(example.text().length()).isEqualTo(64);
            assertThat(text(tokenizer, example, true)).isEqualTo("evening");
            assertThat(example.cut().tokens()).isPositive();
            assertThat(example.cut().targets()).isZero();
        }
    }

    @Test
    void ofConversationsWhoseTemplateWritesTheLastAnswerInAnotherWayAllAnswersAreLearned(@TempDir Path directory)
            throws IOException {
        unzip(Cases.of("38-llama-emptythink.zip"), directory);
        try (Tokenizer tokenizer = Tokenizer.load(directory, 256)) {
            CausalLmTask task = task(tokenizer, true, directory, 256);
            for (String line : Files.readAllLines(Cases.of("mt.jsonl"))) {
                Example example = task.examples(Json.MAPPER.readTree(line)).get(0);
                assertThat(text(tokenizer, example, true)).contains("first").endsWith("second");
            }
        }
    }

    private static void unzip(Path zip, Path directory) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(zip);
                Stream<Path> all = Files.walk(files.getPath("/"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Files.copy(file, directory.resolve(file.getFileName().toString()));
            }
        }
    }

    /** Returns the text of the tokens that are learned, or of the others, without spaces and special tokens. */
    private static String text(Tokenizer tokenizer, Example example, boolean isLearned) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < example.target().length; i++) {
            boolean learned = example.target()[i] != Example.IGNORED;
            if (learned) {
                assertThat((int) example.target()[i]).isEqualTo(example.text().ids()[i]);
            }
            text.append(
                    learned == isLearned
                            ? tokenizer.decode(new int[] {example.text().ids()[i]})
                            : "");
        }
        return text.toString().replaceAll("\\s", "");
    }

    private static CausalLmTask task(Tokenizer tokenizer, boolean completionsOnly) {
        return task(tokenizer, completionsOnly, LLAMA, 64);
    }

    private static CausalLmTask task(Tokenizer tokenizer, boolean completionsOnly, Path base, int maxLength) {
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
                new TaskOptions(null, null, true, completionsOnly, null, null, null, null),
                null,
                Metric.LOSS,
                null);
        return new CausalLmTask(spec, tokenizer, base, maxLength);
    }
}
