package dev.anneal.spec;

import dev.anneal.transformer.architecture.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A hyperparameter: its name, the values that a request may give it, and what {@code auto} stands for.
 *
 * @param type Integer, Double, Boolean, String (one of {@code choices}) or Map (the weight of each label)
 * @param auto the value if the request gives none and there is no rule, or if the document is older than this hyperparameter
 * @param rule the value if the request gives none and it depends on the case; else null
 * @param appliesTo the tasks that have it, in words; null if all do
 * @param description one sentence, for the command line
 */
public record Hyperparameter<T>(
        String name,
        Class<?> type,
        double min,
        double max,
        List<String> choices,
        @Nullable T auto,
        @Nullable Function<AutoHyperparameters, T> rule,
        Predicate<Task> tasks,
        @Nullable String appliesTo,
        String description) {

    static Hyperparameter<Integer> integer(String name, int min, int max, @Nullable Integer auto, String description) {
        return new Hyperparameter<>(
                name, Integer.class, min, max, List.of(), auto, null, task -> true, null, description);
    }

    static Hyperparameter<Double> number(
            String name, double min, double max, @Nullable Double auto, String description) {
        return new Hyperparameter<>(
                name, Double.class, min, max, List.of(), auto, null, task -> true, null, description);
    }

    static Hyperparameter<String> choice(String name, List<String> choices, String auto, String description) {
        return new Hyperparameter<>(name, String.class, 0, 0, choices, auto, null, task -> true, null, description);
    }

    /** True or false; null if the request gives none. */
    static Hyperparameter<Boolean> flag(String name, String description) {
        return new Hyperparameter<>(name, Boolean.class, 0, 0, List.of(), null, null, task -> true, null, description);
    }

    static Hyperparameter<Map<String, Double>> weights(String name, String description) {
        return new Hyperparameter<>(name, Map.class, 0, 0, List.of(), null, null, task -> true, null, description);
    }

    /**
     * Returns this hyperparameter with a value that depends on the case if the request gives none. The constant default, if there
     * is one, is then that of documents from before the hyperparameter was declared.
     */
    Hyperparameter<T> auto(Function<AutoHyperparameters, T> byCase) {
        return new Hyperparameter<>(name, type, min, max, choices, auto, byCase, tasks, appliesTo, description);
    }

    /** Returns this hyperparameter for some tasks only. */
    Hyperparameter<T> onlyFor(String words, Predicate<Task> some) {
        return new Hyperparameter<>(name, type, min, max, choices, auto, rule, some, words, description);
    }

    public @Nullable T auto(AutoHyperparameters byCase) {
        return rule == null ? auto : rule.apply(byCase);
    }

    /** Returns whether a trainer can compute with the value: its type and sign are right, and a share is less than 1. */
    boolean canCompute(Object value) {
        if (type == String.class) {
            return value instanceof String && choices.contains(value);
        }
        if (type == Map.class || type == Boolean.class) {
            return type.isInstance(value);
        }
        double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
        boolean positive = type == Integer.class ? number >= min : min > 0 ? number > 0 : number >= 0;
        return positive && (max < 1 ? number < 1 : number <= Double.MAX_VALUE);
    }

    /** Returns the value as its type: JSON does not tell 1 from 1.0. */
    Object typed(Object value) {
        if (value instanceof Number number && type == Integer.class) {
            return number.intValue();
        }
        if (value instanceof Map<?, ?> weights) {
            Map<Object, Object> numbers = new LinkedHashMap<>();
            weights.forEach((label, weight) -> numbers.put(label, ((Number) weight).doubleValue()));
            return numbers;
        }
        return value instanceof Number number && type == Double.class ? (Object) number.doubleValue() : value;
    }
}
