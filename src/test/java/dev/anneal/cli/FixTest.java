package dev.anneal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The commands that make versions of a dataset, and list them. */
class FixTest {
    private final ScriptedServer server = Bodies.script(new ScriptedServer());

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aFixSendsItsStepsInTheOrderOfTheHelpAndShowsWhatTheyChanged() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET.replace("\"changes\": []", """
                        "changes": [{"step": {"type": "merge_labels"}, "rows_removed": 0, "rows_changed": 7,
                                     "rows_added": 0},
                                    {"step": {"type": "remove_leakage"}, "rows_removed": 2, "rows_changed": 0,
                                     "rows_added": 0}]"""));
        Run run = Run.of(
                server,
                "datasets",
                "fix",
                "ds_1",
                "--remove-leakage",
                "--sample",
                "100",
                "--merge-labels",
                "pos=positive,+=positive",
                "--drop-labels",
                "a+b",
                "--name",
                "clean");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().limit(3).map(String::stripTrailing))
                .containsExactly(
                        "step            removed  changed  added",
                        "merge_labels          0        7      0",
                        "remove_leakage        2        0      0");
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"name": "clean", "steps": [
                          {"type": "merge_labels", "map": {"pos": "positive", "+": "positive"}},
                          {"type": "drop_labels", "labels": ["a", "b"]},
                          {"type": "remove_leakage"},
                          {"type": "sample", "rows": 100}]}"""));
        assertThat(Run.of(server, "datasets", "fix", "ds_1").err()).contains("at least one step");
    }

    @Test
    void aFixSendsTheOptionsOfItsSteps() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);

        Run run = Run.of(
                server,
                "datasets",
                "fix",
                "ds_1",
                "--remove-leakage",
                "--leakage-from",
                "evaluation",
                "--drop-near-duplicates",
                "--similarity",
                "0.9",
                "--redact-kinds",
                "email+phone",
                "--filter",
                "labels=a+b,splits=train,contains=x,min_characters=20");

        assertThat(run.err()).isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"steps": [
                          {"type": "filter", "labels": ["a", "b"], "splits": ["train"], "contains": "x",
                           "min_characters": 20},
                          {"type": "redact", "kinds": ["email", "phone"]},
                          {"type": "drop_near_duplicates", "similarity": 0.9},
                          {"type": "remove_leakage", "from": "evaluation", "similarity": 0.9}]}"""));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--strip", "--similarity", "0.9")
                        .err())
                .contains("--similarity needs --drop-near-duplicates or --remove-leakage.");
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--strip", "--leakage-from", "train")
                        .err())
                .contains("--leakage-from needs --remove-leakage.");
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--filter", "label=a")
                        .err())
                .contains("--filter has no setting label", "Did you mean");
    }

    @Test
    void namesWithAPlusAreGivenAsAJsonList() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);

        Run run = Run.of(
                server,
                "datasets",
                "fix",
                "ds_1",
                "--filter",
                "{\"labels\":[\"R+D\",\"C++\",5],\"splits\":[\"train\"]}",
                "--drop-labels",
                "[\"R+D\"]");

        assertThat(run.err()).isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("""
                        {"steps": [
                          {"type": "filter", "labels": ["R+D", "C++", "5"], "splits": ["train"]},
                          {"type": "drop_labels", "labels": ["R+D"]}]}"""));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-labels", "C++")
                        .err())
                .contains(
                        "--drop-labels cannot be C++. Names have a + between them. If a name has a + in it, give a JSON list");
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--filter", "{\"labels\":[[\"a\"]]}")
                        .err())
                .contains("--filter labels cannot be [[\"a\"]]. Give a list of names.");
    }

    @Test
    void rowsThatAReportNamesAreDroppedOrRelabelled() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);
        server.on("GET /datasets/ds_1", 200, Bodies.DATASET);
        server.on("GET /jobs/job_1", 200, "{\"id\": \"job_1\", \"dataset\": \"ds_1\", \"test_dataset\": \"ds_2\"}");
        server.on("GET /jobs/job_2", 200, "{\"id\": \"job_2\", \"dataset\": \"ds_2\"}");
        String report = """
                {"split": "test", "findings": {"likely_mislabelled": [
                  {"split": "test", "rows": [{"row": 9, "suggested_label": "a", "confident": true}]},
                  {"split": "train", "rows": [{"row": 7, "suggested_label": "b", "confident": true},
                                              {"row": 3, "suggested_label": "a", "confident": true},
                                              {"row": 5, "suggested_label": "a", "confident": false}]}]}}""";
        server.on("GET /jobs/job_1/report", 200, report);
        server.on("GET /jobs/job_2/report", 200, report);

        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "job_1")
                        .err())
                .isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("{\"steps\": [{\"type\": \"drop_rows\", \"numbers\": [7, 3]}]}"));
        server.requests.clear();
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--relabel-mislabelled", "job_1")
                        .err())
                .isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree(
                        "{\"steps\": [{\"type\": \"relabel\", \"new_labels\": {\"7\": \"b\", \"3\": \"a\"}}]}"));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "job_2")
                        .err())
                .contains("names no rows of this dataset");
        server.requests.clear();
        server.on("GET /evaluations/eval_1", 200, "{\"id\": \"eval_1\", \"dataset\": \"ds_1\"}");
        server.on("GET /evaluations/eval_1/report", 200, report);
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "eval_1")
                        .err())
                .isEmpty();
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(Json.MAPPER.readTree("{\"steps\": [{\"type\": \"drop_rows\", \"numbers\": [9, 7, 3]}]}"));
    }

    @Test
    void rowsThatAReportDoesNotNameOrHasNoLabelForAreCounted() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET);
        server.on("GET /datasets/ds_1", 200, Bodies.DATASET);
        server.on("GET /jobs/job_1", 200, "{\"id\": \"job_1\", \"dataset\": \"ds_1\"}");
        server.on("GET /jobs/job_2", 200, "{\"id\": \"job_2\", \"dataset\": \"ds_1\"}");
        String report = """
                {"split": "test", "findings": {"likely_mislabelled": [
                  {"split": "train", "confident": 2345, "rows": [
                    {"row": 7, "suggested_label": %s, "confident": true},
                    {"row": 3, "suggested_label": null, "confident": true}]}]}}""";
        server.on("GET /jobs/job_1/report", 200, report.formatted("\"b\""));
        server.on("GET /jobs/job_2/report", 200, report.formatted("null"));

        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-mislabelled", "job_1")
                        .out())
                .contains("names 2 of the 2,345 rows whose label is probably wrong");
        server.requests.clear();
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--relabel-mislabelled", "job_1")
                        .out())
                .contains("suggests no label for 1 of the 2 rows");
        assertThat(Json.MAPPER.readTree(
                        server.only("POST /api/v1/datasets/ds_1/versions").body()))
                .isEqualTo(
                        Json.MAPPER.readTree("{\"steps\": [{\"type\": \"relabel\", \"new_labels\": {\"7\": \"b\"}}]}"));
        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--relabel-mislabelled", "job_2")
                        .err())
                .contains("suggests no label for these rows");
    }

    @Test
    void aFixSaysThatNearDuplicatesMayBeLeftAndHowToDropThem() {
        server.on("POST /datasets/ds_1/versions", 201, Bodies.DATASET.replace("\"changes\": []", """
                        "changes": [{"step": {"type": "drop_near_duplicates"}, "rows_removed": 7, "rows_changed": 0,
                                     "rows_added": 0, "stopped": true}]"""));
        server.on("POST /datasets/ds_2/versions", 201, Bodies.DATASET.replace("\"changes\": []", """
                        "changes": [{"step": {"type": "drop_near_duplicates", "similarity": 0.95}, "rows_removed": 7,
                                     "rows_changed": 0, "rows_added": 0, "stopped": true}]"""));
        String hint = "So many rows are similar that not all were compared. To drop more: anneal datasets fix ds_1"
                + " --drop-near-duplicates";

        assertThat(Run.of(server, "datasets", "fix", "ds_1", "--drop-near-duplicates")
                        .out())
                .contains(hint + System.lineSeparator());
        assertThat(Run.of(server, "datasets", "fix", "ds_2", "--drop-near-duplicates", "--similarity", "0.95")
                        .out())
                .contains(hint + " --similarity 0.95" + System.lineSeparator());
    }

    @Test
    void aFixWaitsUntilTheVersionIsMade() {
        String making = Bodies.VALIDATING.replace("\"total_bytes\": 10", "\"total_bytes\": null");
        server.on("POST /datasets/ds_1/versions", 202, making);
        server.on("GET /datasets/ds_1", ScriptedServer.inTurn(making, Bodies.DATASET));

        assertThat(Run.of(server.url(), "", true, "datasets", "fix", "ds_1", "--strip")
                        .out())
                .contains("the server makes the rows", "2 labels");
    }

    @Test
    void theVersionsOfADatasetAreListedWithTheirSteps() {
        server.list("GET /datasets/ds_1/versions", Bodies.DATASET.replace("\"parent\": null, \"changes\": []", """
                        "parent": "ds_0", "changes": [{"step": {"type": "strip"}, "rows_removed": 0,
                                                       "rows_changed": 7, "rows_added": 0}]"""));

        assertThat(Run.of(server, "datasets", "versions", "ds_1").out()).contains("ds_0", "2,000", "strip");
    }
}
