package dev.anneal.job;

import dev.anneal.web.Fields;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The body of a POST, well-formed; whether the dataset and the base model exist is {@link JobSubmission}'s to say. */
record JobRequest(
        String name,
        String task,
        String baseModel,
        String dataset,
        String validationDataset,
        String testDataset,
        Method method,
        HyperparameterChoices hyperparameters,
        EarlyStopping earlyStopping,
        Map<String, String> metadata) {
    static final List<String> TASKS = List.of("text-classification");

    static JobRequest of(JsonNode body) {
        Fields fields = new Fields(body);
        String name = fields.string("name", 200);
        String task = fields.choice("task", TASKS);
        String baseModel = fields.required("base_model", 200);
        String dataset = fields.required("dataset", 100);
        JobRequest request = new JobRequest(
                name == null ? baseModel + " on " + dataset : name,
                task == null ? TASKS.get(0) : task,
                baseModel,
                dataset,
                fields.string("validation_dataset", 100),
                fields.string("test_dataset", 100),
                Method.of(fields),
                HyperparameterChoices.of(fields),
                EarlyStopping.of(fields),
                fields.strings("metadata", 16, 64, 512));
        fields.refuseUnknown();
        fields.done();
        return request;
    }
}
