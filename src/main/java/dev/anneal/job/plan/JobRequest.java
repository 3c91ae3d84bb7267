package dev.anneal.job.plan;

import dev.anneal.dataset.Subset;
import dev.anneal.web.Fields;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The body of a POST, well-formed; whether it fits the dataset and the base model is {@link JobPlanner}'s to say. */
public record JobRequest(
        String name,
        String task,
        TaskOptions taskOptions,
        String baseModel,
        String dataset,
        String validationDataset,
        String testDataset,
        Subset subset,
        Method method,
        HyperparameterChoices hyperparameters,
        EarlyStopping earlyStopping,
        int maxAttempts,
        Checkpointing checkpoints,
        Map<String, String> metadata,
        int priority) {

    private static final int MAX_ATTEMPTS = 3;

    public static JobRequest of(JsonNode body) {
        Fields fields = new Fields(body);
        String name = fields.string("name", 200);
        String task = fields.choice("task", Tasks.NAMES);
        String baseModel = fields.required("base_model", 200);
        String dataset = fields.required("dataset", 100);
        Integer maxAttempts = fields.integer("max_attempts", 1, 20);
        Integer priority = fields.integer("priority", -100, 100);
        JobRequest request = new JobRequest(
                name == null ? baseModel + " on " + dataset : name,
                task,
                TaskOptions.of(fields),
                baseModel,
                dataset,
                fields.string("validation_dataset", 100),
                fields.string("test_dataset", 100),
                subset(fields),
                Method.of(fields),
                HyperparameterChoices.of(fields),
                EarlyStopping.of(fields),
                maxAttempts == null ? MAX_ATTEMPTS : maxAttempts,
                Checkpointing.of(fields),
                fields.strings("metadata", 16, 64, 512),
                priority == null ? 0 : priority);
        fields.refuseUnknown();
        fields.done();
        return request;
    }

    private static Subset subset(Fields body) {
        if (!body.has("subset")) {
            return null;
        }
        Fields fields = body.object("subset");
        Subset subset =
                new Subset(fields.integer("rows", 1, Integer.MAX_VALUE), fields.number("fraction", 0.000001, 1));
        if (body.get("subset").isObject() && fields.has("rows") == fields.has("fraction")) {
            fields.wrong("", "invalid_value", "must have either 'rows' or 'fraction'");
        }
        fields.refuseUnknown();
        return subset;
    }
}
