package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that show a dataset and export it. */
class DatasetCommandsTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aDatasetIsExportedToAFile() {
        server.file("GET /datasets/ds_1/export", "rows");
        Path file = folder.resolve("out.csv");
        Run run = Run.of(
                server, "datasets", "export", "ds_1", "--format", "csv", "--split", "test", "-o", file.toString());

        assertThat(run.err()).isEmpty();
        assertThat(file).hasContent("rows");
        assertThat(server.requests).anyMatch(request -> request.path().endsWith("/export?format=csv&split=test"));
        assertThat(Run.of(server, "datasets", "export", "ds_1", "-o", file.toString())
                        .err())
                .contains("exists. Give another name with --output");
    }

    @Test
    void theEndingOfTheFileChoosesTheFormatOfAnExport() {
        server.file("GET /datasets/ds_1/export", "rows");

        for (String format : List.of("csv", "parquet", "jsonl")) {
            Run.of(
                    server,
                    "datasets",
                    "export",
                    "ds_1",
                    "-o",
                    folder.resolve("q." + format).toString());
            assertThat(server.requests.get(server.requests.size() - 1).path()).endsWith("/export?format=" + format);
        }
        Run.of(server, "datasets", "export", "ds_1", "-o", folder.resolve("q").toString());
        assertThat(server.requests.get(server.requests.size() - 1).path()).endsWith("/export?format=jsonl");
        assertThat(Run.of(server, "datasets", "export", "ds_1", "-o", "q.csv", "--format", "jsonl")
                        .err())
                .startsWith(
                        "anneal: --output ends with .csv, but --format is jsonl. Leave out --format, or give the file another"
                                + " ending.");
        assertThat(Run.of(server, "datasets", "export", "ds_1", "-o", "q.xlsx").err())
                .startsWith(
                        "anneal: --output cannot end with .xlsx. Choose one of .jsonl, .csv, .parquet, or name one with"
                                + " --format.");
    }

    @Test
    void aProblemThatNoRowHasIsAnsweredWithThoseThatExist() {
        server.on("GET /datasets/ds_1/rows", 200, "{\"data\": [], \"has_more\": false, \"next_after\": null}");
        server.on(
                "GET /datasets/ds_1",
                200,
                Bodies.DATASET.replace(
                        "\"problem_codes\": []",
                        "\"problem_codes\": [{\"code\": \"duplicate\", \"severity\": \"warning\", \"count\": 1}]"));

        assertThat(Run.of(server, "datasets", "browse", "ds_1", "--problem", "duplicates")
                        .out())
                .isEqualTo(
                        "No row has the problem 'duplicates'. The dataset has: duplicate. Did you mean 'duplicate'?\n");
        assertThat(Run.of(server, "datasets", "browse", "ds_1", "--problem", "duplicate")
                        .out())
                .isEqualTo("None.\n");
    }

    @Test
    void aDatasetThatIsNamedLikeACommandMayBeThatCommand() {
        server.list("GET /datasets");

        assertThat(Run.of(server, "dataset", "delete").err())
                .startsWith(
                        "anneal: There is no dataset named delete. List them with `anneal datasets`. Did you mean 'datasets"
                                + " delete'?");
    }

    private static final String STATISTICS = """
            {"rows": {"train": 80, "validation": 10, "test": 10},
             "labels": [{"name": "a", "train": 40, "validation": 5, "test": 5}],
             "text_length": {"min": 1, "mean": 2, "p50": 2, "p95": 6, "max": 1500,
                             "histogram": [{"from": 1, "to": 1, "count": 40}, {"from": 2, "to": 2, "count": 0},
                                           {"from": 1025, "to": 1536, "count": 1}]},
             "score": null, "repeated_texts": 0,
             "repetitions": {"duplicate": 3, "conflicting_label": 0, "near_duplicate": 0, "leakage": 1, "near_leakage": 0},
             "vocabulary": {"train_rows": 80, "evaluation_rows": 20, "words": 100, "unseen_words": 12, "unseen_share": 0.12},
             "label_terms": {"rows": 80, "labels": [{"label": "a", "rows": 40, "terms": [
                {"term": "delight", "rows": 12, "all_rows": 13, "z": 4.5}, {"term": "true delight", "rows": 9, "all_rows": 9, "z": 4}]}]},
             "tokens": %s}""";

    private static final String TOKENS = """
            {"base_model": "m", "task": "text-classification", "rows": 100, "is_sample": false,
             "lengths": {"min": 3, "mean": 3, "p50": 3, "p95": 8, "max": 300, "histogram": [{"from": 3, "to": 3, "count": 100}]},
             "max_length": 128, "model_max_length": 512, "long_texts": "truncate", "rows_beyond": 2, "row_share_beyond": 0.02,
             "tokens_beyond": 30, "token_share_beyond": 0.015, "suggested_max_length": 136, "tokens_per_word": 1.25,
             "unknown_tokens": 1, "unknown_share": 0.001, "refused_rows": 0, "refused_reason": null}""";

    @Test
    void statisticsAreShownAsBarsAndTables() {
        server.on("GET /datasets/ds_1/statistics", 200, STATISTICS.formatted("null"));
        Run run = Run.of(server, "datasets", "stats", "ds_1");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "rows         80 to train, 10 to validate, 10 to test",
                        "repetitions  3 duplicate, 1 leakage",
                        "new words    12.0% of the words to validate and test are in none of 80 training rows",
                        "",
                        "Characters per row: 1 to 1,500, half of the rows have at most 2, 95% at most 6",
                        " characters  rows",
                        "          1    40  " + "█".repeat(40),
                        "          2     0",
                        "1,025–1,536     1  █",
                        "",
                        "label  train  validation  test",
                        "a         40           5     5",
                        "",
                        "label  words that tell most about it",
                        "a      delight, true delight");
    }

    @Test
    void statisticsOfTokensSayWhatIsLost() {
        server.on("GET /models/mdl_9", 200, Bodies.MODEL);
        server.on("GET /datasets/ds_1/statistics", 200, STATISTICS.formatted(TOKENS));
        Run run = Run.of(server, "datasets", "stats", "ds_1", "--model", "mdl_9", "--max-length", "128");

        assertThat(server.only("GET /api/v1/datasets/ds_1/statistics").path())
                .endsWith("/statistics?base_model=m&max_length=128");
        assertThat(run.out())
                .contains(
                        "tokens of    m for text-classification, 100 rows\n",
                        "max length   128: 2 rows (2.0%) are longer, 1.5% of the tokens are lost\n",
                        "suggestion   --max-length 136 leaves out less than 1% of the tokens\n",
                        "vocabulary   1.25 tokens for each word; 1 tokens (0.1%) are unknown\n");
        assertThat(Run.of(server, "datasets", "stats", "ds_1", "--max-length", "128")
                        .err())
                .contains("need --model");
    }

    @Test
    void browsingSendsItsFiltersAndNamesTheNextPage() {
        server.on("GET /datasets/ds_1/rows", 200, """
                {"data": [{"number": 7, "split": "test", "text": "50% off\\nnow", "label": "a"},
                          {"number": 9, "split": "test", "tokens": ["in", "Paris"], "tags": ["O", "B-LOC"]}],
                 "has_more": true, "next_after": 9}""");
        Run run = Run.of(
                server,
                "datasets",
                "browse",
                "ds_1",
                "--split",
                "test",
                "--label",
                "a",
                "--text",
                "50% off",
                "--limit",
                "2");

        assertThat(run.err()).isEmpty();
        assertThat(server.only("GET /api/v1/datasets/ds_1/rows").path())
                .endsWith("/rows?split=test&label=a&text=50%25%20off&limit=2");
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "row  split  label  text",
                        "  7  test   a      50% off\\nnow",
                        "  9  test   B-LOC  in Paris",
                        "There may be more. Continue with --after 9.");
        assertThat(Run.of(server, "datasets", "browse", "ds_1", "--seed", "3").err())
                .contains("--seed needs --sample");
    }

    @Test
    void aRowIsShownAsTheModelSeesIt() {
        server.on("GET /datasets/ds_1", 200, Bodies.DATASET);
        server.on("GET /datasets/ds_1/rows/7/tokens", 200, """
                {"number": 7, "split": "train", "base_model": "all-MiniLM-L6-v2", "task": "text-classification",
                 "max_length": 4, "rendered": null, "labels": ["a"], "score": null, "examples": [{"tokens": [
                   {"id": 101, "text": "[CLS]", "special": true, "learned": false},
                   {"id": 2204, "text": "good", "field": "text", "start": 0, "end": 4, "special": false, "learned": false},
                   {"id": 102, "text": "[SEP]", "special": true, "learned": false}], "token_count": 3, "learned_count": 0}],
                 "token_count": 3, "cut": [{"id": 2143, "text": "film", "field": "text", "start": 5, "end": 9,
                   "special": false, "learned": false}], "cut_count": 1, "learned_cut_count": 0}""");
        Run run = Run.of(server, "datasets", "inspect", "ds_1", "7", "--max-length", "4");

        assertThat(run.err()).isEmpty();
        assertThat(server.only("GET /api/v1/datasets/ds_1/rows/7/tokens").path())
                .endsWith("?base_model=all-MiniLM-L6-v2&max_length=4");
        assertThat(run.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "row          7 (train)",
                        "for          text-classification with all-MiniLM-L6-v2, max length 4",
                        "learned      a",
                        "cut          1 tokens: film",
                        "",
                        "Example 1: 3 tokens",
                        "token    id  text   from      learned",
                        "    1   101  [CLS]",
                        "    2  2204  good   text 0–4",
                        "    3   102  [SEP]");
    }
}
