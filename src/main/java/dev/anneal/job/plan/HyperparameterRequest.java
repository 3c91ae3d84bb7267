package dev.anneal.job.plan;

import dev.anneal.spec.AutoHyperparameters;
import dev.anneal.spec.Hyperparameter;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hyperparameters that a request gives a value, by name; those that it leaves to {@code auto} are not in the map.
 *
 * @param classWeights null if the request gives none
 */
record HyperparameterRequest(
        Map<String, Object> chosen, @Nullable ClassWeights classWeights) {
    static HyperparameterRequest of(JsonFields body) {
        JsonFields fields = body.object("hyperparameters");
        Map<String, Object> chosen = new LinkedHashMap<>();
        for (Hyperparameter<?> each : Hyperparameters.ALL) {
            Object value =
                    each.type() == Map.class ? null : JobRequest.auto(fields, each.name(), name -> read(fields, each));
            if (value != null) {
                chosen.put(each.name(), value);
            }
        }
        ClassWeights classWeights = ClassWeights.of(fields);
        if (chosen.containsKey("warmup_ratio") && chosen.containsKey("warmup_steps")) {
            fields.wrong(
                    "warmup_steps", "invalid_value", "may not be combined with 'warmup_ratio'. Remove one of the two");
        }
        fields.refuseUnknown();
        return new HyperparameterRequest(chosen, classWeights);
    }

    private static @Nullable Object read(JsonFields fields, Hyperparameter<?> each) {
        if (each.type() == Integer.class) {
            return fields.integer(each.name(), (int) each.min(), (int) each.max());
        }
        if (each.type() == Boolean.class) {
            return fields.flag(each.name());
        }
        return each.type() == Double.class
                ? fields.number(each.name(), each.min(), each.max())
                : fields.choice(each.name(), each.choices());
    }

    /** Refuses what has no effect on the task. A value of 0 is accepted: it asks for no effect. */
    void check(Task task, List<Problem.Error> errors) {
        for (Hyperparameter<?> each : Hyperparameters.ALL) {
            if (hasEffect(each) && !each.tasks().test(task)) {
                errors.add(Problem.Error.field(
                        "hyperparameters." + each.name(),
                        "not_of_task",
                        "'hyperparameters.%s' applies only to %s. The task of this job is %s."
                                .formatted(each.name(), each.appliesTo(), task.text())));
            }
        }
    }

    private boolean hasEffect(Hyperparameter<?> each) {
        return each.type() == Map.class
                ? classWeights != null
                : chosen.containsKey(each.name()) && !Double.valueOf(0).equals(chosen.get(each.name()));
    }

    /** Refuses what needs a training of all weights, or a loss with labels. A value without an effect is accepted. */
    void check(Method method, List<Problem.Error> errors) {
        for (Hyperparameter<?> each : List.of(Hyperparameters.L2_TO_BASE, Hyperparameters.UNFREEZE_RANK_RATIO)) {
            Object value = chosen.get(each.name());
            if (value != null && !value.equals(each.auto()) && !method.type().equals(Method.FULL.type())) {
                errors.add(Problem.Error.field(
                        "hyperparameters." + each.name(),
                        "not_of_method",
                        "'hyperparameters.%s' applies only to the method 'full'. The method of this job is '%s'."
                                .formatted(each.name(), method.type())));
            }
        }
        for (Hyperparameter<?> each : List.of(Hyperparameters.LABEL_SMOOTHING, Hyperparameters.CLASS_WEIGHTS)) {
            if (method.learnsPairs() && hasEffect(each)) {
                errors.add(Problem.Error.field(
                        "hyperparameters." + each.name(),
                        "not_of_method",
                        "'hyperparameters.%s' does not apply to the method 'few_shot', whose loss compares pairs of texts. Omit it."
                                .formatted(each.name())));
            }
        }
    }

    /** Returns a value for each hyperparameter. */
    Hyperparameters resolve(AutoHyperparameters auto, @Nullable Map<String, Double> weights) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        Hyperparameters.ALL.forEach(each -> values.put(each.name(), each.auto(auto)));
        if (chosen.containsKey("warmup_steps")) {
            values.put("warmup_ratio", 0.0);
        }
        values.putAll(chosen);
        values.put(ClassWeights.FIELD, weights);
        return new Hyperparameters(values);
    }

    @Nullable
    Integer maxLength() {
        return (Integer) chosen.get("max_length");
    }

    boolean hasEvalSteps() {
        return chosen.containsKey("eval_steps");
    }

    /** Returns the seed, which decides which rows a subset has. */
    int seed() {
        return new Hyperparameters(chosen).seed();
    }
}
