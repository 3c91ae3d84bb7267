package dev.anneal.job;

import dev.anneal.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Several jobs, and in which fields of their requests they differ, on the wire. */
record JobComparison(List<JobView> jobs, List<Difference> differences) {
    /** A field, with its value in each job, or null if the job does not have it. */
    record Difference(String field, List<@Nullable String> values) {}

    /** The fields that a request chooses, or that the server chose for it. Names, times and results differ in any case. */
    private static final List<String> CHOSEN = List.of(
            "task",
            "task_options",
            "base_model",
            "dataset",
            "validation_dataset",
            "test_dataset",
            "retain_dataset",
            "replay",
            "subset",
            "folds",
            "data_curve",
            "method",
            "hyperparameters",
            "early_stopping",
            "slice_by",
            "terms");

    static JobComparison of(List<JobView> jobs) {
        List<Map<String, String>> chosen =
                jobs.stream().map(JobComparison::flat).toList();
        Set<String> fields = new LinkedHashSet<>();
        chosen.forEach(values -> fields.addAll(values.keySet()));
        List<Difference> differences = new ArrayList<>();
        for (String field : fields) {
            List<@Nullable String> values = new ArrayList<>();
            chosen.forEach(each -> values.add(each.get(field)));
            if (values.stream().distinct().count() > 1) {
                differences.add(new Difference(field, values));
            }
        }
        return new JobComparison(jobs, differences);
    }

    private static Map<String, String> flat(JobView job) {
        Map<String, String> values = new LinkedHashMap<>();
        JsonNode tree = Json.MAPPER.valueToTree(job);
        CHOSEN.forEach(field -> flatten(field, tree.path(field), values));
        return values;
    }

    private static void flatten(String field, JsonNode value, Map<String, String> values) {
        if (value.isObject()) {
            // The same order for each job
            new TreeSet<>(value.propertyNames()).forEach(name -> flatten(field + "." + name, value.path(name), values));
        } else if (!value.isNull() && !value.isMissingNode()) {
            values.put(field, value.isString() ? value.asString() : value.toString());
        }
    }
}
