package dev.anneal.job.plan;

import dev.anneal.spec.Checkpointing;
import dev.anneal.spec.EarlyStopping;
import dev.anneal.spec.Method;
import dev.anneal.spec.Replay;
import dev.anneal.spec.ReportOptions;
import dev.anneal.spec.Subset;
import dev.anneal.spec.TaskOptions;
import dev.anneal.web.JsonFields;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The well-formed body of a request for a job. {@link JobPlanner} checks it against the dataset and the base model. */
public record JobRequest(
        @Nullable String name,
        @Nullable String task,
        TaskOptions taskOptions,
        String baseModel,
        String dataset,
        @Nullable String validationDataset,
        @Nullable String testDataset,
        @Nullable String retainDataset,
        @Nullable Replay replay,
        @Nullable Subset subset,
        @Nullable Integer folds,
        boolean dataCurve,
        Method method,
        HyperparameterRequest hyperparameters,
        @Nullable EarlyStopping earlyStopping,
        int maxAttempts,
        Checkpointing checkpoints,
        Map<String, String> metadata,
        int priority,
        @Nullable ReportOptions report) {

    private static final int MAX_ATTEMPTS = 3;
    private static final double DEFAULT_REPLAY = 0.1;

    public static JobRequest of(JsonNode body) {
        JsonFields fields = new JsonFields(body, OtherNames.OF_A_JOB);
        String name = fields.name("name");
        String task = fields.choice("task", Tasks.NAMES);
        String baseModel = fields.required("base_model", 200);
        String dataset = fields.required("dataset", 200);
        Integer maxAttempts = fields.integer("max_attempts", 1, 20);
        Integer priority = fields.integer("priority", -100, 100);
        JobRequest request = new JobRequest(
                name,
                task,
                TaskOptionsResolver.read(fields),
                baseModel,
                dataset,
                fields.string("validation_dataset", 200),
                fields.string("test_dataset", 200),
                fields.string("retain_dataset", 200),
                replay(fields),
                subset(fields),
                fields.integer("folds", 2, 20),
                Boolean.TRUE.equals(fields.flag("data_curve")),
                MethodResolver.read(fields),
                HyperparameterRequest.of(fields),
                earlyStopping(fields),
                maxAttempts == null ? MAX_ATTEMPTS : maxAttempts,
                checkpoints(fields),
                fields.strings("metadata", 16, 64, 512),
                priority == null ? 0 : priority,
                ReportChoices.read(fields, false));
        fields.refuseUnknown();
        fields.done();
        return request;
    }

    /** Returns this request with ids of a model and datasets in place of their names. */
    JobRequest withIds(
            String model,
            String training,
            @Nullable String validation,
            @Nullable String test,
            @Nullable String retained,
            @Nullable String replayed) {
        return new JobRequest(
                name,
                task,
                taskOptions,
                model,
                training,
                validation,
                test,
                retained,
                replay == null || replayed == null ? null : new Replay(replayed, replay.share()),
                subset,
                folds,
                dataCurve,
                method,
                hyperparameters,
                earlyStopping,
                maxAttempts,
                checkpoints,
                metadata,
                priority,
                report);
    }

    private static @Nullable Replay replay(JsonFields body) {
        JsonNode given = body.get("replay");
        if (given == null) {
            return null;
        }
        JsonFields fields = body.object("replay");
        if (!given.isObject()) {
            return null;
        }
        String dataset = fields.required("dataset", 200);
        Double share = fields.number("share", 0.01, 0.9);
        fields.refuseUnknown();
        return new Replay(dataset, share == null ? DEFAULT_REPLAY : share);
    }

    private static @Nullable EarlyStopping earlyStopping(JsonFields body) {
        if (!body.has("early_stopping")) {
            return null;
        }
        JsonFields fields = body.object("early_stopping");
        String metric = fields.string("metric", 50);
        Integer patience = fields.integer("patience", 1, 100);
        Double minDelta = fields.number("min_delta", 0, 1e6);
        fields.refuseUnknown();
        return new EarlyStopping(
                metric == null ? "loss" : metric, patience == null ? 2 : patience, minDelta == null ? 0 : minDelta);
    }

    private static Checkpointing checkpoints(JsonFields body) {
        if (!body.has("checkpoints")) {
            return Checkpointing.DEFAULT;
        }
        JsonFields fields = body.object("checkpoints");
        Integer steps = fields.integer("every_steps", 1, Integer.MAX_VALUE);
        Double seconds = fields.number("every_seconds", 0.1, 86_400);
        Integer keep = fields.integer("keep", 1, 20);
        fields.refuseUnknown();
        return new Checkpointing(steps, seconds, keep == null ? Checkpointing.DEFAULT.keep() : keep);
    }

    /** Returns null if the field is absent, wrong, or {@code auto}. */
    static <T> @Nullable T auto(JsonFields fields, String field, Function<String, @Nullable T> read) {
        JsonNode value = fields.get(field);
        return value != null && value.isString() && value.stringValue().equals("auto") ? null : read.apply(field);
    }

    private static @Nullable Subset subset(JsonFields body) {
        JsonNode given = body.get("subset");
        if (given == null) {
            return null;
        }
        JsonFields fields = body.object("subset");
        Subset subset =
                new Subset(fields.integer("rows", 1, Integer.MAX_VALUE), fields.number("fraction", 0.000001, 1));
        if (given.isObject() && fields.has("rows") == fields.has("fraction")) {
            fields.wrong("", "invalid_value", "must have either 'rows' or 'fraction', not both");
        }
        fields.refuseUnknown();
        return subset;
    }
}
