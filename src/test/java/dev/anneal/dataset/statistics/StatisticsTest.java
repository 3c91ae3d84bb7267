package dev.anneal.dataset.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.Datasets;
import dev.anneal.dataset.rows.RowsByNumber;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Statistics of datasets, of which tokens come from real model hosts. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class StatisticsTest {
    private static final String BUNDLED = "base_model=all-MiniLM-L6-v2";

    @Autowired
    Api api;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Datasets datasets;

    @Autowired
    TokenStatistics tokens;

    @Autowired
    RowsByNumber numbered;

    private String upload(String name, String file, Map<String, String> fields) {
        Answer created = api.upload(name, file.getBytes(StandardCharsets.UTF_8), fields);
        assertThat(created.status()).as("%s", created.json()).isEqualTo(201);
        return created.text("id");
    }

    private Answer statistics(String dataset, String query) {
        return api.get("/api/v1/datasets/" + dataset + "/statistics" + (query.isEmpty() ? "" : "?" + query));
    }

    /** Rows of 3 to 12 tokens: a word "good" is one token, and each text has two special ones. */
    private String words() {
        StringBuilder csv = new StringBuilder("text,label,split\n");
        for (int i = 0; i < 100; i++) {
            csv.append("good ".repeat(1 + i % 10).strip())
                    .append(i % 2 == 0 ? ",a" : ",b")
                    .append(i < 80 ? ",train\n" : ",test\n");
        }
        return upload("words.csv", csv.toString(), Map.of());
    }

    @Test
    void charactersAndRowsAreCountedInBins() {
        JsonNode found = statistics(words(), "").json();

        assertThat(found.path("rows").toString()).isEqualTo("{\"train\":80,\"validation\":0,\"test\":20}");
        JsonNode lengths = found.path("text_length");
        assertThat(lengths.path("min").asInt()).isEqualTo(4);
        assertThat(lengths.path("max").asInt()).isEqualTo(49);
        List<String> bins = lengths.path("histogram")
                .valueStream()
                .map(bin -> bin.path("from") + "-" + bin.path("to") + ":" + bin.path("count"))
                .toList();
        assertThat(bins)
                .containsExactly(
                        "4-4:10",
                        "5-6:0",
                        "7-8:0",
                        "9-12:10",
                        "13-16:10",
                        "17-24:20",
                        "25-32:10",
                        "33-48:30",
                        "49-64:10");
        assertThat(found.path("tokens").isNull()).isTrue();
    }

    @Test
    void tokensAreThoseOfTheBaseModelAndAnyMaxLengthIsAnsweredFromOneCount() {
        String dataset = words();

        JsonNode all = statistics(dataset, BUNDLED).json().path("tokens");
        assertThat(all.path("rows").asInt()).isEqualTo(100);
        assertThat(all.path("is_sample").asBoolean()).isFalse();
        assertThat(all.path("lengths").path("min").asInt()).isEqualTo(3);
        assertThat(all.path("lengths").path("max").asInt()).isEqualTo(12);
        assertThat(all.path("max_length").asInt())
                .isEqualTo(all.path("model_max_length").asInt());
        assertThat(all.path("rows_beyond").asInt()).isZero();
        assertThat(all.path("long_texts").asString()).isEqualTo("truncate");
        assertThat(all.path("suggested_max_length").asInt()).isEqualTo(16);
        assertThat(all.path("tokens_per_word").asDouble()).isCloseTo(750.0 / 550, within(1e-9));
        assertThat(all.path("unknown_tokens").asInt()).isZero();

        jdbc.sql("delete from dataset_rows where dataset_id = ? and number > 2")
                .param(dataset)
                .update();
        JsonNode short8 = statistics(dataset, BUNDLED + "&max_length=8").json().path("tokens");
        assertThat(short8.path("rows").asInt()).isEqualTo(100);
        assertThat(short8.path("rows_beyond").asInt()).isEqualTo(40); // 9 to 12 tokens
        assertThat(short8.path("tokens_beyond").asInt()).isEqualTo(100);
        assertThat(short8.path("token_share_beyond").asDouble()).isCloseTo(100.0 / 750, within(1e-9));
    }

    @Test
    void charactersThatTheVocabularyLacksAreUnknownTokens() {
        String dataset = upload(
                "u.csv",
                "text,label\ngood ꙮ,a\ngood,b\ngood good,a\nbad,b\n",
                Map.of("split", "{\"validation\":0,\"test\":0}"));

        JsonNode tokens = statistics(dataset, BUNDLED).json().path("tokens");

        assertThat(tokens.path("unknown_tokens").asInt()).isEqualTo(1);
        assertThat(tokens.path("unknown_share").asDouble()).isCloseTo(1.0 / 14, within(1e-9));
    }

    @Test
    void theWordsThatTellMostAboutALabelAreFound() {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < 200; i++) {
            String common = "the film number " + i % 17 + " was ";
            csv.append(common)
                    .append(i % 2 == 0 ? "a true delight" : "a waste of time")
                    .append(i % 2 == 0 ? ",pos\n" : ",neg\n");
        }

        JsonNode terms = statistics(
                        upload("t.csv", csv.toString(), Map.of("split", "{\"validation\":0,\"test\":0}")), "")
                .json()
                .path("label_terms");

        assertThat(terms.path("rows").asInt()).isEqualTo(200);
        for (JsonNode label : terms.path("labels")) {
            List<String> found = label.path("terms")
                    .valueStream()
                    .map(term -> term.path("term").asString())
                    .toList();
            boolean positive = label.path("label").asString().equals("pos");
            assertThat(found)
                    .contains(positive ? "delight" : "waste", positive ? "true delight" : "waste of")
                    .doesNotContain("the", "film", "a", positive ? "waste" : "delight");
            assertThat(label.path("terms").get(0).path("z").asDouble()).isGreaterThan(3.1);
            assertThat(label.path("rows").asInt()).isEqualTo(100);
        }
    }

    @Test
    void theWordsOfEntitiesAreListedByTheirType() {
        StringBuilder conll = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            conll.append("she\tO\nsaw\tO\n").append(i % 2 == 0 ? "Paris\tB-LOC\n\n" : "Anna\tB-PER\n\n");
        }

        JsonNode labels = statistics(
                        upload("e.conll", conll.toString(), Map.of("split", "{\"validation\":0,\"test\":0}")), "")
                .json()
                .path("label_terms")
                .path("labels");

        assertThat(labels.toString())
                .contains("\"LOC\"", "\"paris\"", "\"PER\"", "\"anna\"")
                .doesNotContain("\"saw\"");
    }

    @Test
    void wordsOfTheTestThatNoTrainingRowHasAreCounted() {
        String dataset = upload(
                "v.csv",
                "text,label,split\nred green,a,train\nblue red,b,train\nred Blue violet,a,test\n红绿,b,test\n",
                Map.of());

        JsonNode words = statistics(dataset, "").json().path("vocabulary");

        assertThat(words.toString())
                .isEqualTo(
                        "{\"train_rows\":2,\"evaluation_rows\":2,\"words\":5,\"unseen_words\":3,\"unseen_share\":0.6}");
    }

    @Test
    void repetitionsAreThoseOfTheCheck() {
        String dataset = upload(
                "d.csv",
                "text,label,split\nred green,a,train\nred green,a,train\nblue red,b,train\nblue red,b,test\n",
                Map.of());

        JsonNode found = statistics(dataset, "").json().path("repetitions");

        assertThat(found.path("duplicate").asInt()).isEqualTo(1);
        assertThat(found.path("leakage").asInt()).isEqualTo(1);
        assertThat(found.path("near_duplicate").asInt()).isZero();
    }

    @Test
    void aBaseModelOrTaskThatAJobRefusesIsRefused() {
        String dataset = words();

        assertThat(statistics(dataset, "max_length=8").code()).isEqualTo("needs_base_model");
        assertThat(statistics(dataset, "base_model=nothing").code()).isEqualTo("unknown_base_model");
        assertThat(statistics(dataset, BUNDLED + "&task=causal-lm").code()).isEqualTo("base_model_does_not_fit");
        assertThat(statistics(dataset, BUNDLED + "&task=token-classification").code())
                .isEqualTo("dataset_does_not_fit");
        Answer beyond = statistics(dataset, BUNDLED + "&max_length=5000");
        assertThat(beyond.code()).isEqualTo("out_of_range");
        assertThat(beyond.json().path("errors").get(0).path("field").asString()).isEqualTo("max_length");
        assertThat(beyond.detail()).startsWith("'max_length' is 5000");
        assertThat(statistics(dataset, BUNDLED + "&task=masked-lm")
                        .json()
                        .path("tokens")
                        .path("long_texts")
                        .asString())
                .isEqualTo("split");
    }

    /** Counts the rows, without a model. */
    private static final class CountedJob implements RowTokenizer.Job {
        private final String options;
        private int rows;

        CountedJob(String options) {
            this.options = options;
        }

        @Override
        public String model() {
            return "model";
        }

        @Override
        public String baseModel() {
            return "model";
        }

        @Override
        public String task() {
            return "causal-lm";
        }

        @Override
        public String options() {
            return options;
        }

        @Override
        public int modelMaxLength() {
            return 512;
        }

        @Override
        public boolean isTruncating() {
            return true;
        }

        @Override
        public CompletableFuture<RowTokenizer.Counted> count(List<JsonNode> counted, long characters) {
            rows += counted.size();
            return CompletableFuture.completedFuture(
                    new RowTokenizer.Counted(Collections.nCopies(counted.size(), 3), 0, null));
        }
    }

    @Test
    void tokensAreCountedAgainForOtherOptionsOfTheTask() {
        Dataset dataset = datasets.findById(words()).orElseThrow();
        CountedJob all = new CountedJob("{\"completions_only\":false}");
        CountedJob completions = new CountedJob("{\"completions_only\":true}");

        for (CountedJob job : List.of(all, completions, all)) {
            tokens.of(dataset, job, null, "default").join();
        }

        assertThat(all.rows).isEqualTo(100);
        assertThat(completions.rows).isEqualTo(100);
    }

    @Test
    void aRowThatIsTooLongForAModelHostIsNotCountedAndTheReasonIsGiven() {
        String message = "{\"role\":\"user\",\"content\":\"" + "word ".repeat(120_000) + "\"},";
        String answer = "{\"role\":\"assistant\",\"content\":\"yes\"}";
        String dataset = upload(
                "long.jsonl",
                "{\"messages\":[" + message + answer + "," + message + answer + "]}\n{\"messages\":["
                        + "{\"role\":\"user\",\"content\":\"short\"}," + answer + "]}\n",
                Map.of("split", "{\"validation\":0,\"test\":0}"));
        CountedJob job = new CountedJob("");

        StatisticsView.Tokens found = tokens.of(datasets.findById(dataset).orElseThrow(), job, null, "default")
                .join();

        assertThat(job.rows).isEqualTo(1);
        assertThat(found.rows()).isEqualTo(1);
        assertThat(found.refusedRows()).isEqualTo(1);
        assertThat(found.refusedReason()).contains("1,000,000 characters");
    }

    /** Postgres computes the sizes of all rows that it is asked for, though there is room for two. */
    @Test
    void ofVeryLongRowsFewAreAskedForAtOnce() {
        String dataset = words();
        jdbc.sql("delete from dataset_rows where dataset_id = ?").param(dataset).update();
        jdbc.sql("""
                        insert into dataset_rows (dataset_id, number, split, content)
                        select ?, i, 'train', jsonb_build_object('text', repeat('abcdefgh ', 110000) || i, 'label', 'a')
                        from generate_series(1, 20) as i""").param(dataset).update();

        RowsByNumber counted = Mockito.spy(numbered);

        StatisticsView found = new DatasetStatistics(jdbc, counted)
                .of(datasets.findById(dataset).orElseThrow(), "default")
                .join();

        assertThat(found.textLength().max()).isEqualTo(990_002);
        long asked = Mockito.mockingDetails(counted).getInvocations().stream()
                .filter(call -> call.getMethod().getName().equals("read"))
                .mapToLong(call -> call.<List<Long>>getArgument(1).size())
                .sum();
        assertThat(asked).isBetween(20L, 70L);
    }

    /** 40 of the 80 training rows have 9 to 12 tokens, and so have 40 of all 100. */
    @Test
    void anEstimateSaysHowMuchOfTheRowsIsTruncated() {
        String dataset = words();

        JsonNode cut =
                estimate(dataset, "\"hyperparameters\":{\"max_length\":8}").path("truncation");
        assertThat(cut.path("rows").asInt()).isEqualTo(100);
        assertThat(cut.path("row_share_beyond").asDouble()).isEqualTo(0.4);
        assertThat(cut.path("token_share_beyond").asDouble()).isCloseTo(100.0 / 750, within(1e-9));
        assertThat(estimate(dataset, "\"hyperparameters\":{\"max_length\":64}")
                        .path("truncation")
                        .isNull())
                .isTrue();
        assertThat(estimate(
                                dataset,
                                "\"hyperparameters\":{\"max_length\":8},\"task_options\":{\"long_texts\":\"windows\"}")
                        .path("truncation")
                        .isNull())
                .isTrue();
    }

    private JsonNode estimate(String dataset, String fields) {
        Answer answer = api.post(
                "/api/v1/jobs/estimate",
                "{\"base_model\":\"all-MiniLM-L6-v2\",\"dataset\":\"" + dataset + "\"," + fields + "}");
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void conversationsThatATemplateRefusesAreCountedAndNotMeasured() throws Exception {
        Path llama = Path.of("src/test/resources/models/llama");
        java.io.ByteArrayOutputStream zip = new java.io.ByteArrayOutputStream();
        try (var out = new java.util.zip.ZipOutputStream(zip);
                var files = Files.list(llama)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (!name.equals("golden.json")) {
                    out.putNextEntry(new java.util.zip.ZipEntry(name));
                    out.write(
                            name.equals("chat_template.jinja")
                                    ? ("{% if messages[0].role == 'system' %}{{ raise_exception('No system.') }}{% endif %}"
                                                    + Files.readString(file))
                                            .getBytes(StandardCharsets.UTF_8)
                                    : Files.readAllBytes(file));
                }
            }
        }
        Answer model =
                api.uploadTo("/api/v1/models/upload", "llama.zip", zip.toByteArray(), Map.of("name", "tiny/llama"));
        assertThat(model.status()).as("%s", model.json()).isEqualTo(201);
        String good =
                "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]}\n";
        String dataset = upload(
                "c.jsonl",
                good + good.replace("[{", "[{\"role\":\"system\",\"content\":\"s\"},{") + good,
                Map.of("split", "{\"validation\":0,\"test\":0}"));

        JsonNode tokens = statistics(dataset, "base_model=tiny%2Fllama").json().path("tokens");

        assertThat(tokens.path("rows").asInt()).as("%s", tokens).isEqualTo(2);
        assertThat(tokens.path("refused_rows").asInt()).isEqualTo(1);
        assertThat(tokens.path("refused_reason").asString()).contains("No system.");
    }
}
