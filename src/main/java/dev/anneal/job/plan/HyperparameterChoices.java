package dev.anneal.job.plan;

import dev.anneal.training.spec.Hyperparameters;
import dev.anneal.web.Fields;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The hyperparameters as they were asked for; null is `auto`, which {@link AutoHyperparameters} decides. */
record HyperparameterChoices(
        Integer epochs,
        Integer batchSize,
        Integer gradientAccumulationSteps,
        Double learningRate,
        Hyperparameters.Schedule lrSchedulerType,
        Double warmupRatio,
        Integer warmupSteps,
        Double layerwiseLrDecay,
        Double weightDecay,
        Double maxGradNorm,
        Double dropout,
        Double labelSmoothing,
        ClassWeights classWeights,
        Integer maxLength,
        String precision,
        Integer seed) {
    private static final List<String> SCHEDULES = Arrays.stream(Hyperparameters.Schedule.values())
            .map(schedule -> schedule.name().toLowerCase(Locale.ROOT))
            .toList();

    static HyperparameterChoices of(Fields body) {
        Fields fields = body.object("hyperparameters");
        var choices = new HyperparameterChoices(
                integer(fields, "epochs", 1, 1000),
                integer(fields, "batch_size", 1, 1024),
                integer(fields, "gradient_accumulation_steps", 1, 1024),
                number(fields, "learning_rate", 1e-8, 1),
                schedule(fields),
                number(fields, "warmup_ratio", 0, 0.99),
                integer(fields, "warmup_steps", 0, 10_000_000),
                number(fields, "layerwise_lr_decay", 0.01, 1),
                number(fields, "weight_decay", 0, 1),
                number(fields, "max_grad_norm", 0, 1e6),
                number(fields, "dropout", 0, 0.9),
                number(fields, "label_smoothing", 0, 0.9),
                ClassWeights.of(fields),
                integer(fields, "max_length", 4, 1 << 20),
                Method.auto(fields, "precision", f -> fields.choice(f, List.of("auto", "fp32", "bf16"))),
                integer(fields, "seed", 0, Integer.MAX_VALUE));
        if (choices.warmupRatio() != null && choices.warmupSteps() != null) {
            fields.wrong(
                    "warmup_steps", "invalid_value", "may not stand beside 'warmup_ratio': the warm-up has one length");
        }
        fields.refuseUnknown();
        return choices;
    }

    private static Hyperparameters.Schedule schedule(Fields fields) {
        String name = Method.auto(fields, "lr_scheduler_type", f -> fields.choice(f, SCHEDULES));
        return SCHEDULES.contains(name) ? Hyperparameters.Schedule.values()[SCHEDULES.indexOf(name)] : null;
    }

    private static Integer integer(Fields fields, String name, int min, int max) {
        return Method.auto(fields, name, f -> fields.integer(f, min, max));
    }

    private static Double number(Fields fields, String name, double min, double max) {
        return Method.auto(fields, name, f -> fields.number(f, min, max));
    }

    /** What was asked for, else what is chosen for the case at hand; {@code weights} of the classes, or null. */
    Hyperparameters resolve(AutoHyperparameters auto, Map<String, Double> weights) {
        return new Hyperparameters(
                or(epochs, auto.epochs()),
                or(batchSize, auto.batchSize()),
                or(gradientAccumulationSteps, 1),
                or(learningRate, auto.learningRate()),
                or(lrSchedulerType, Hyperparameters.Schedule.LINEAR),
                or(warmupRatio, warmupSteps == null ? 0.1 : 0),
                warmupSteps,
                or(layerwiseLrDecay, 1.0),
                or(weightDecay, 0.01),
                or(maxGradNorm, 1.0),
                or(dropout, auto.dropout()),
                or(labelSmoothing, 0.0),
                weights,
                or(maxLength, auto.maxLength()),
                or(precision, "auto"),
                or(seed, (int) AutoHyperparameters.SEED));
    }

    private static <T> T or(T chosen, T auto) {
        return chosen != null ? chosen : auto;
    }
}
