package dev.anneal.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Jobs on their way into the queue; there is no worker that would take them out of it. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class JobSubmissionTest {
    @Autowired
    Api api;

    String dataset;

    @BeforeEach
    void upload() {
        dataset = api.upload("reviews.csv", Reviews.csv(60), Map.of()).text("id");
    }

    @Test
    void aJobIsQueuedWithEveryHyperparameterChosen() {
        Answer created =
                submit("\"metadata\":{\"team\":\"search\"},\"hyperparameters\":{\"epochs\":\"auto\",\"seed\":7}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.headers().firstValue("Location")).contains("/api/v1/jobs/" + created.text("id"));
        JsonNode job = created.json();
        assertThat(job.get("status").asString()).isEqualTo("queued");
        assertThat(job.get("hyperparameters").get("seed").asInt()).isEqualTo(7);
        assertThat(job.get("hyperparameters").get("epochs").asInt()).isEqualTo(6);
        assertThat(job.get("hyperparameters").get("learning_rate").asDouble()).isEqualTo(1e-4);
        assertThat(job.get("metadata").get("team").asString()).isEqualTo("search");
        assertThat(api.get("/api/v1/jobs/" + created.text("id")).json()).isEqualTo(job);
        assertThat(api.get("/api/v1/jobs?status=queued&limit=1")
                        .json()
                        .get("data")
                        .get(0))
                .isEqualTo(job);
        JsonNode events =
                api.get("/api/v1/jobs/" + created.text("id") + "/events").json().get("data");
        assertThat(events.get(0).get("data").get("status").asString()).isEqualTo("queued");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "base_model":"all-MiniLM-L6-v3"             | base_model | unknown_base_model | Did you mean 'all-MiniLM-L6-v2'?
                    "task":"text-clasification"                 | task       | unknown_task       | Did you mean 'text-classification'?
                    "method":{"type":"lore"}                    | method.type | unknown_type      | Valid values: full, frozen, head, lora, few_shot. Did you mean 'lora'?
                    "method":"head"                             | method     | invalid_type       | write {"type": "head"}
                    "method":{}                                 | method.type | required          | required
                    "methods":{"type":"full"}                   | methods    | unknown_field      | Did you mean 'method'?
                    "hyperparameters":{"learning_rat":1}        | hyperparameters.learning_rat | unknown_hyperparameter | Did you mean 'learning_rate'?
                    "hyperparameters":{"learning_rate":2}       | hyperparameters.learning_rate | out_of_range | from
                    "hyperparameters":{"learning_rate":"fast"}  | hyperparameters.learning_rate | invalid_type | must be a number
                    "hyperparameters":{"epochs":0}              | hyperparameters.epochs | out_of_range | from 1 to 1000
                    "hyperparameters":{"epochs":1e9999}         | hyperparameters.epochs | out_of_range | from 1 to 1000
                    "hyperparameters":{"epochs":1.5}            | hyperparameters.epochs | invalid_type | whole number
                    "hyperparameters":{"max_length":4096}       | hyperparameters.max_length | out_of_range | at most 512 tokens
                    "hyperparameters":{"precision":"fp8"}       | hyperparameters.precision | unknown_precision | Valid values: auto, fp32, bf16
                    "hyperparameters":{"gradient_checkpointing":"on"} | hyperparameters.gradient_checkpointing | invalid_type | must be true or false
                    "hyperparameters":[]                        | hyperparameters | invalid_type  | JSON object
                    "early_stopping":{"metric":"f1"}            | early_stopping.metric | unknown_metric | Its metrics: loss, accuracy, f1_macro
                    "hyperparameters":{"warmup_ratio":0.1,"warmup_steps":9} | hyperparameters.warmup_steps | invalid_value | may not be combined
                    "hyperparameters":{"eval_steps":0}          | hyperparameters.eval_steps | out_of_range | from 1 to 10000000
                    "hyperparameters":{"eval_steps":0.5}        | hyperparameters.eval_steps | invalid_type | whole number
                    "hyperparameters":{"eval_steps":"epoch"}    | hyperparameters.eval_steps | invalid_type | whole number
                    "hyperparameters":{"eval_interval":5} | hyperparameters.eval_interval | unknown_hyperparameter | Did you mean 'hyperparameters.eval_steps'?
                    "hyperparameters":{"eval_steps":47,"batch_size":1,"epochs":1000} | hyperparameters.eval_steps | too_many_validations | is 47, but the job has 48,000 steps and can have at most 1,000 validations within epochs. Use at least 48
                    "hyperparameters":{"lr_scheduler_type":"cos"} | hyperparameters.lr_scheduler_type | unknown_lr_scheduler_type | Valid values: linear, cosine, constant
                    "hyperparameters":{"layerwise_lr_decay":0}  | hyperparameters.layerwise_lr_decay | out_of_range | from 0.01 to 1
                    "hyperparameters":{"adam_beta2":1}          | hyperparameters.adam_beta2 | out_of_range | from 0 to 0.99999
                    "hyperparameters":{"class_weights":"equal"} | hyperparameters.class_weights | invalid_type | balanced
                    "hyperparameters":{"class_weights":{"positve":2}} | hyperparameters.class_weights.positve | unknown_label | Did you mean 'positive'?
                    "hyperparameters":{"class_weights":{"positive":-1}} | hyperparameters.class_weights.positive | out_of_range | from 1.0E-6
                    "early_stopping":{"min_delta":-1}           | early_stopping.min_delta | out_of_range | from 0
                    "method":{"type":"full","r":4}              | method.r   | not_of_method      | is a field of the method 'lora', not of 'full'
                    "method":{"type":"lora","freeze_embeddings":true} | method.freeze_embeddings | not_of_method | of the method 'frozen', not of 'lora'
                    "method":{"type":"lora","r":0}              | method.r   | out_of_range       | from 1 to 1024
                    "method":{"type":"lora","target_modules":["querry"]} | method.target_modules | unknown_module | Did you mean 'query'?
                    "method":{"type":"lora","target_modules":"query"} | method.target_modules | invalid_type | list
                    "method":{"type":"frozen","frozen_layers":7} | method.frozen_layers | out_of_range | has only 6 layers
                    "task":"masked-lm","method":{"type":"head"} | method.type | not_of_task        | does not apply to masked-lm
                    "task_options":{"packing":true}             | task_options.packing | not_of_task | applies only to causal-lm. The task of this job is text-classification
                    "task_options":{"calibrate":true,"long_texts":"windows"} | task_options.calibrate | conflicting_options | cannot be true if 'long_texts' is windows
                    "task_options":{"multi_label":true}         | task_options.multi_label | dataset_does_not_fit | one label per row
                    "task_options":{"multi_label":1}            | task_options.multi_label | invalid_type | must be true or false
                    "task":"token-classification"               | dataset    | dataset_does_not_fit | suit text-classification, causal-lm, masked-lm. The task token-classification needs words with tags
                    "task":"causal-lm"                          | base_model | base_model_does_not_fit | is a bert model, but causal-lm needs one of gpt2
                    "task":"masked-lm","hyperparameters":{"label_smoothing":0.1} | hyperparameters.label_smoothing | not_of_task | applies only to tasks with labels
                    "task":"masked-lm","hyperparameters":{"class_weights":"balanced"} | hyperparameters.class_weights | not_of_task | applies only to token-classification
                    "subset":{"rows":10,"fraction":0.5}         | subset     | invalid_value      | either 'rows' or 'fraction'
                    "subset":{"fraction":2}                     | subset.fraction | out_of_range  | to 1
                    "folds":1                                   | folds      | out_of_range       | from 2 to 20
                    "folds":2.5                                 | folds      | invalid_type       | whole number
                    "folds":"five"                              | folds      | invalid_type       | whole number
                    "folds":5,"task":"masked-lm"                | folds      | not_of_task        | applies only to text-classification and text-regression. The task of this job is masked-lm
                    "data_curve":1                              | data_curve | invalid_type       | must be true or false
                    "data_curve":true,"task":"masked-lm"        | data_curve | not_of_task        | applies only to text-classification and text-regression
                    "data_curve":true,"subset":{"rows":39}      | data_curve | too_few_rows       | needs at least 40 training rows, but the job has only 39
                    "subset":10                                 | subset     | invalid_type       | JSON object
                    "dataset":"ds_nope"                         | dataset    | unknown_dataset    | There is no dataset 'ds_nope'
                    "test_dataset":"ds_nope"                    | test_dataset | unknown_dataset  | There is no dataset 'ds_nope'
                    "retain_dataset":"ds_nope"                  | retain_dataset | unknown_dataset | There is no dataset 'ds_nope'
                    "replay":{"share":0.1}                      | replay.dataset | required       | required
                    "replay":"a"                                | replay     | invalid_type       | JSON object
                    "hyperparameters":{"l2_to_base":-1}         | hyperparameters.l2_to_base | out_of_range | from 0
                    "hyperparameters":{"unfreeze_rank_ratio":0} | hyperparameters.unfreeze_rank_ratio | out_of_range | from 0.01 to 1
                    "method":{"type":"lora"},"hyperparameters":{"l2_to_base":5} | hyperparameters.l2_to_base | not_of_method | applies only to the method 'full'. The method of this job is 'lora'
                    "method":{"type":"frozen"},"hyperparameters":{"unfreeze_rank_ratio":0.5} | hyperparameters.unfreeze_rank_ratio | not_of_method | The method of this job is 'frozen'
                    "method":{"type":"setfit"}                  | method.type | unknown_type | Valid values: full, frozen, head, lora, few_shot
                    "method":{"type":"few_shot"},"task":"masked-lm" | method.type | not_of_task | applies only to text-classification with one label per text
                    "method":{"type":"few_shot"},"hyperparameters":{"class_weights":"balanced"} | hyperparameters.class_weights | not_of_method | does not apply to the method 'few_shot'
                    "method":{"type":"few_shot"},"hyperparameters":{"label_smoothing":0.1} | hyperparameters.label_smoothing | not_of_method | does not apply to the method 'few_shot'
                    "method":{"type":"few_shot"},"hyperparameters":{"l2_to_base":5} | hyperparameters.l2_to_base | not_of_method | The method of this job is 'few_shot'
                    "method":{"type":"few_shot"},"task_options":{"long_texts":"windows"} | task_options.long_texts | not_of_method | Use 'truncate'
                    "method":{"type":"few_shot","r":4}          | method.r   | not_of_method      | not of 'few_shot'
                    "dataset":17                                | dataset    | invalid_type       | must be a string
                    "metadata":{"a":1}                          | metadata.a | invalid_type       | must be a string
                    "name":"caf\\ud83d"                         | name       | invalid_unicode    | half a surrogate pair
                    "metadata":{"a":"\\ude00"}                  | metadata.a | invalid_unicode    | half a surrogate pair
                    "slice_by":["\\ud83d"]                      | slice_by   | invalid_unicode    | half a surrogate pair
                    "terms":{"a":{"b":["x"],"c":["\\ud83d"]}}   | terms      | invalid_terms      | no half of a surrogate pair
                    """)
    void aWrongFieldIsNamedAndANearMissSuggested(String field, String name, String code, String detail) {
        Answer refused = submit(field);

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(detail);
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo(name);
    }

    @Test
    void moreFoldsThanRowsOfTheRarestLabelAreRefusedByItsName() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 20; i++) {
            rows.append("text ").append(i).append(i % 7 == 0 ? ",rare\n" : ",common\n");
        }
        dataset = api.upload("rare.csv", rows.toString().getBytes(), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");

        Answer refused = submit("\"folds\":4");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).isEqualTo("too_many_folds");
        assertThat(refused.detail())
                .isEqualTo("'folds' is 4, but the label 'rare' has only 3 training rows. "
                        + "Use at most 3 folds, or add rows with this label.");
        assertThat(submit("\"folds\":3").json().path("folds").asInt()).isEqualTo(3);
        assertThat(submit("\"folds\":3,\"subset\":{\"rows\":2}")
                        .json()
                        .path("errors")
                        .toString())
                .contains("'folds' is 3, but the job has only 2 training rows. Lower 'folds' or add rows.");
        assertThat(submit("\"data_curve\":true").json().path("errors").toString())
                .contains("too_few_rows", "no_evaluation_rows");
    }

    @Test
    void aLabelWithOneRowIsNamedIfPairsOfItsRowsAreNeeded() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 20; i++) {
            rows.append("text ").append(i).append(i % 7 == 0 ? ",rare\n" : ",common\n");
        }
        dataset = api.upload("rare.csv", rows.toString().getBytes(), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");

        Answer refused = submit("\"method\":{\"type\":\"few_shot\"},\"subset\":{\"rows\":6}");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.code()).as(refused.detail()).isEqualTo("too_few_rows");
        assertThat(refused.detail())
                .isEqualTo("The method 'few_shot' needs at least 2 training rows of each label. "
                        + "Add rows of 'rare', or drop this label.");
    }

    @Test
    void tooManyRowsForPairsAreRefusedUnlessTheJobTakesAPart() {
        StringBuilder rows = new StringBuilder("text,label\n");
        for (int i = 0; i < 10_001; i++) {
            rows.append("text ").append(i).append(i % 2 == 0 ? ",even\n" : ",odd\n");
        }
        dataset = api.upload("many.csv", rows.toString().getBytes(), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");

        Answer refused = submit("\"method\":{\"type\":\"few_shot\"}");

        assertThat(refused.code()).isEqualTo("too_many_rows");
        assertThat(refused.detail())
                .isEqualTo(
                        "The job has 10,001 training rows, but with the method 'few_shot' it can have at most 10,000. "
                                + "Set 'subset', or use the method 'full'.");
        assertThat(submit("\"method\":{\"type\":\"few_shot\"},\"subset\":{\"rows\":32}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void theRarestOfSeveralLabelsCountsToo() {
        StringBuilder rows = new StringBuilder("text,labels\n");
        for (int i = 0; i < 20; i++) {
            rows.append("text ").append(i).append(i == 3 ? ",news|rare\n" : ",news\n");
        }
        dataset = api.upload("sets.csv", rows.toString().getBytes(), Map.of("split", "{\"validation\":0,\"test\":0}"))
                .text("id");

        assertThat(submit("\"folds\":2").detail())
                .isEqualTo("'folds' is 2, but the label 'rare' has only 1 training row. "
                        + "Add rows with this label, or drop it.");
    }

    @Test
    void aLongNameOfABaseModelOrDatasetIsQuotedInPart() {
        for (String field : List.of("base_model", "dataset", "test_dataset")) {
            assertThat(submit("\"" + field + "\":\"" + "x".repeat(90) + "\"").detail())
                    .as(field)
                    .contains("'" + "x".repeat(80) + "…'");
        }
    }

    @Test
    void aLongLabelWithoutRowsIsQuotedInPart() {
        Answer refused = submit("\"hyperparameters\":{\"class_weights\":{\"" + "x".repeat(90) + "\":2}}");

        assertThat(refused.code()).isEqualTo("unknown_label");
        assertThat(refused.detail()).contains("no label '" + "x".repeat(80) + "…'");
    }

    @Test
    void allWrongFieldsAreNamedAtOnce() {
        Answer refused = submit("\"name\":\"\",\"hyperparameters\":{\"epochs\":-1,\"batch\":2}");

        assertThat(refused.code()).isEqualTo("invalid_request");
        assertThat(refused.json()
                        .get("errors")
                        .valueStream()
                        .map(error -> error.get("field").asString())
                        .toList())
                .containsExactlyInAnyOrder("name", "hyperparameters.epochs", "hyperparameters.batch");
    }

    @Test
    void bodiesThatAreNoJsonAndEmptyOnesAreRefused() {
        assertThat(api.post("/api/v1/jobs", "{\"base_model\": ").code()).isEqualTo("malformed_json");
        assertThat(api.post("/api/v1/jobs", "").code()).isEqualTo("malformed_json");
        assertThat(api.post("/api/v1/jobs", "[]").code()).isEqualTo("invalid_type");
        assertThat(api.post("/api/v1/jobs", "{\"name\":\"" + "x".repeat(17_000_000) + "\"}")
                        .code())
                .isEqualTo("request_too_large");
    }

    @Test
    void aDatasetThatIsNotReadyIsRefused() {
        String rejected = api.upload("bad.csv", "text,label\na,x\nb\n").text("dataset");
        Answer refused = submit("\"dataset\":\"" + rejected + "\"");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.code()).isEqualTo("dataset_not_ready");
    }

    @Test
    void aTestDatasetWithLabelsThatAreNotTaughtIsRefused() {
        String other = api.upload("o.csv", "text,label\na,x\nb,x\nc,y\nd,y\n").text("id");
        Answer refused = submit("\"test_dataset\":\"" + other + "\"");

        assertThat(refused.code()).isEqualTo("unknown_label");
        assertThat(refused.detail()).contains("x, y");
    }

    @Test
    void aDatasetOnlyForEvaluationCannotBeTrainedOn() {
        String evaluation = api.upload("t.csv", "text,label\na,positive\n".getBytes(), Map.of("split", "{\"test\":1}"))
                .text("id");

        assertThat(submit("\"dataset\":\"" + evaluation + "\"").code()).isEqualTo("no_training_rows");
        assertThat(submit("\"test_dataset\":\"" + evaluation + "\"").status()).isEqualTo(201);
    }

    @Test
    void theSameIdempotencyKeyQueuesOneJob() {
        String body = body("");
        Answer first = api.post("/api/v1/jobs", body, "Idempotency-Key", "job-1");
        Answer again = api.post("/api/v1/jobs", body, "Idempotency-Key", "job-1");
        Answer other = api.post("/api/v1/jobs", body("\"name\":\"x\""), "Idempotency-Key", "job-1");

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(other.code()).isEqualTo("idempotency_key_reused");
    }

    @Test
    void aQueuedJobCanBeCancelledOnceAndItsDatasetDeletedThen() {
        String id = submit("").text("id");

        assertThat(api.delete("/api/v1/datasets/" + dataset).code()).isEqualTo("dataset_in_use");
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel").text("status")).isEqualTo("cancelled");
        assertThat(api.post("/api/v1/jobs/" + id + "/cancel").code()).isEqualTo("job_has_ended");
        assertThat(api.post("/api/v1/jobs/job_nope/cancel").status()).isEqualTo(404);
        assertThat(api.delete("/api/v1/datasets/" + dataset).status()).isEqualTo(204);
        assertThat(api.get("/api/v1/jobs/" + id).text("dataset")).isEqualTo(dataset);
    }

    @Test
    void predictionsAndReportsOfAQueuedJobAreRefused() {
        String id = submit("").text("id");
        String inputs = "{\"inputs\":[\"x\"]}";

        assertThat(api.post("/api/v1/models/" + id + "/predict", inputs).code()).isEqualTo("model_not_ready");
        assertThat(api.post("/api/v1/models/" + id.replace("job_", "mdl_") + "/predict", inputs)
                        .code())
                .isEqualTo("model_not_ready");
        assertThat(api.post("/api/v1/models/mdl_nope/predict", inputs).status()).isEqualTo(404);
        assertThat(api.post("/api/v1/models/all-MiniLM-L6-v2/predict", inputs).code())
                .isEqualTo("no_head");
        assertThat(api.get("/api/v1/jobs/" + id + "/report").code()).isEqualTo("no_report");

        api.post("/api/v1/jobs/" + id + "/cancel");
        assertThat(api.get("/api/v1/jobs/" + id + "/report").detail())
                .isEqualTo("The job was cancelled. It ended without a report.");
    }

    @Test
    void listsRefuseWhatTheyDoNotKnow() {
        assertThat(api.get("/api/v1/jobs?status=done").code()).isEqualTo("unknown_status");
        assertThat(api.get("/api/v1/jobs?limit=0").code()).isEqualTo("out_of_range");
        assertThat(api.get("/api/v1/jobs?limit=many").status()).isEqualTo(422);
        assertThat(api.get("/api/v1/models?kind=best").code()).isEqualTo("unknown_kind");
        assertThat(api.get("/api/v1/jobs?after=%00").code()).isEqualTo("unknown_cursor");
        assertThat(api.get("/api/v1/jobs?limit=99999999999999999999").status()).isEqualTo(422);
        assertThat(api.get("/api/v1/jobs/%27%3B--").code()).isEqualTo("bad_request");
        assertThat(api.get("/api/v1/jobs/%F0%9F%98%80").code()).isEqualTo("not_found");
    }

    private Answer submit(String fields) {
        return api.post("/api/v1/jobs", body(fields));
    }

    /** A good body, in which the given fields replace others. */
    private String body(String fields) {
        String others = (fields.contains("\"base_model\":") ? "" : "\"base_model\":\"all-MiniLM-L6-v2\",")
                + (fields.contains("\"dataset\":") ? "" : "\"dataset\":\"" + dataset + "\",");
        return ("{" + others + fields + "}").replace(",}", "}");
    }
}
