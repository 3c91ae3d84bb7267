package dev.anneal.dataset.version;

import dev.anneal.dataset.check.PersonalData;
import dev.anneal.dataset.duplicate.CheckOptions;
import dev.anneal.dataset.duplicate.Duplicates.Kind;
import dev.anneal.dataset.file.SplitOptions;
import dev.anneal.json.Json;
import dev.anneal.web.JsonFields;
import dev.anneal.web.Problem;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads steps from JSON: objects with a type and the options of that type. */
public final class StepParser {
    static final List<String> TYPES = List.of(
            "drop_duplicates",
            "drop_near_duplicates",
            "remove_leakage",
            "merge_labels",
            "drop_labels",
            "drop_rows",
            "relabel",
            "strip",
            "redact",
            "filter",
            "resplit",
            "sample",
            "append");
    private static final int MAX_STEPS = 50;
    /** Each of them reads all rows, through all steps before it. */
    private static final int MAX_COSTLY = 8;
    /** The steps are part of each list of datasets, and of the lineage of each version after. */
    private static final int MAX_CHARACTERS = 100_000;

    private static final int MAX_LABELS = 1_000;
    private static final int MAX_LABEL = 200;
    private static final int MAX_ROWS = 20_000;
    private static final Pattern ROW_NUMBER = Pattern.compile("[1-9]\\d{0,17}");
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\\n\\r\\t]]");

    /** A dataset whose rows are appended, and its labels or types of entities. */
    public record Appended(RowSource rows, Collection<String> labels) {}

    private static final int SHOWN_LABELS = 20;

    private final Function<String, Appended> datasets;
    /** The labels that rows can have after the steps so far. */
    private final Set<String> labels;

    /**
     * Creates a parser for the steps of one version.
     *
     * @param labels the labels or types of entities of its parent
     * @param datasets finds the rows of a dataset by its id. Throws a problem if it cannot be appended
     */
    public StepParser(Collection<String> labels, Function<String, Appended> datasets) {
        this.labels = new TreeSet<>(labels);
        this.datasets = datasets;
    }

    /** Throws a problem if these are no steps, or too many. Nothing is looked up for them. */
    public static void checkSize(@Nullable JsonNode steps) {
        if (steps == null || !steps.isArray() || steps.isEmpty() || steps.size() > MAX_STEPS) {
            throw Problem.invalid(
                    "steps",
                    "required",
                    "'steps' must be a list of 1 to %d steps, such as {\"type\": \"drop_duplicates\"}."
                            .formatted(MAX_STEPS));
        }
        if (steps.toString().length() > MAX_CHARACTERS) {
            throw Problem.invalid(
                    "steps",
                    "steps_too_long",
                    "'steps' has more than %,d characters. Make several versions, each with a part of the steps."
                            .formatted(MAX_CHARACTERS));
        }
    }

    public VersionSteps parse(JsonNode steps) {
        checkSize(steps);
        VersionSteps parsed = new VersionSteps();
        for (int i = 0; i < steps.size(); i++) {
            String name = "steps[" + i + "]";
            if (!steps.get(i).isObject()) {
                throw Problem.invalid(
                        name, "invalid_type", "'" + name + "' must be a JSON object, such as {\"type\": \"strip\"}.");
            }
            JsonFields fields = new JsonFields(Json.MAPPER.createObjectNode().set(name, steps.get(i))).object(name);
            parsed.add(step(fields, name), steps.get(i));
        }
        if (parsed.costly() > MAX_COSTLY) {
            throw Problem.invalid(
                    "steps",
                    "too_many_costly_steps",
                    "'steps' has %d steps that read all rows first: those that drop duplicates, remove leakage, resplit or sample. At most %d are allowed. Make several versions, each with a part of the steps."
                            .formatted(parsed.costly(), MAX_COSTLY));
        }
        return parsed;
    }

    private Step step(JsonFields fields, String name) {
        String type = fields.choice("type", TYPES);
        if (type == null && !fields.has("type")) {
            fields.wrong("type", "required", "is required");
        }
        Step step = type == null ? row -> row : step(type, fields, name);
        fields.refuseUnknown();
        fields.done();
        return step;
    }

    private Step step(String type, JsonFields fields, String name) {
        return switch (type) {
            case "drop_duplicates" ->
                new DropRepetitions(EnumSet.of(Kind.DUPLICATE), new CheckOptions(false, 1), false);
            case "drop_near_duplicates" ->
                new DropRepetitions(
                        EnumSet.of(Kind.DUPLICATE, Kind.NEAR_DUPLICATE),
                        new CheckOptions(true, similarity(fields)),
                        false);
            case "remove_leakage" -> leakage(fields);
            case "merge_labels" -> merge(fields);
            case "drop_labels" -> drop(fields);
            case "drop_rows" -> dropRows(fields, name);
            case "relabel" -> relabel(fields, name);
            case "strip" -> (Step.Edit) row -> RowEdits.texts(row, StepParser::strip);
            case "redact" -> redact(fields);
            case "filter" -> filter(fields, name);
            case "resplit" -> new Resplit(SplitOptions.read(fields, name), name);
            case "sample" -> sample(fields, name);
            default -> append(fields);
        };
    }

    private static double similarity(JsonFields fields) {
        Double similarity = fields.number("similarity", CheckOptions.LEAST_SIMILARITY, 1);
        return similarity == null ? CheckOptions.DEFAULT.similarity() : similarity;
    }

    private static Step leakage(JsonFields fields) {
        String from = fields.choice("from", List.of("train", "evaluation"));
        Boolean near = fields.flag("near");
        boolean all = near == null || near;
        return new DropRepetitions(
                all ? EnumSet.of(Kind.LEAKAGE, Kind.NEAR_LEAKAGE) : EnumSet.of(Kind.LEAKAGE),
                new CheckOptions(all, similarity(fields)),
                !"evaluation".equals(from));
    }

    private Step.Edit merge(JsonFields fields) {
        if (!fields.has("map")) {
            fields.wrong("map", "missing_option", "is required");
        }
        Map<String, String> map = fields.strings("map", MAX_LABELS, MAX_LABEL, MAX_LABEL);
        map.replaceAll((from, to) -> to.strip());
        checkLabels(fields, "map", map.keySet());
        labels.removeAll(map.keySet());
        labels.addAll(map.values());
        return row -> RowEdits.labels(row, label -> map.getOrDefault(label, label));
    }

    private Step.Edit drop(JsonFields fields) {
        if (!fields.has("labels")) {
            fields.wrong("labels", "missing_option", "is required");
        }
        List<String> given = fields.list("labels", MAX_LABELS, MAX_LABEL);
        Set<String> dropped = given == null ? Set.of() : Set.copyOf(given);
        checkLabels(fields, "labels", dropped);
        labels.removeAll(dropped);
        return row -> RowEdits.labels(row, label -> dropped.contains(label) ? null : label);
    }

    private static Step dropRows(JsonFields fields, String name) {
        JsonNode numbers = fields.get("numbers");
        Map<Long, @Nullable String> dropped = new HashMap<>();
        if (numbers == null) {
            fields.wrong("numbers", "missing_option", "is required");
        } else if (!numbers.isArray() || numbers.isEmpty() || numbers.size() > MAX_ROWS) {
            fields.wrong("numbers", "invalid_type", "must be a list of 1 to %d numbers of rows".formatted(MAX_ROWS));
        } else {
            for (JsonNode number : numbers) {
                if (!number.isIntegralNumber() || number.asLong(0) < 1) {
                    fields.wrong("numbers", "invalid_type", "must contain numbers of rows, which count from 1");
                    break;
                }
                dropped.put(number.asLong(), null);
            }
        }
        return new NamedRows(dropped, name + ".numbers");
    }

    private Step relabel(JsonFields fields, String name) {
        if (!fields.has("new_labels")) {
            fields.wrong("new_labels", "missing_option", "is required");
        }
        Map<String, String> given = fields.strings("new_labels", MAX_ROWS, MAX_LABEL, MAX_LABEL);
        Map<Long, @Nullable String> changes = new HashMap<>();
        for (Map.Entry<String, String> entry : given.entrySet()) {
            if (!ROW_NUMBER.matcher(entry.getKey()).matches()) {
                fields.wrong(
                        "new_labels",
                        "unknown_row",
                        "must have numbers of rows, which count from 1, as keys. '%s' is none"
                                .formatted(Problem.quote(entry.getKey())));
                break;
            }
            changes.put(Long.valueOf(entry.getKey()), entry.getValue());
        }
        checkLabels(fields, "new_labels", new TreeSet<>(given.values()));
        return new NamedRows(changes, name + ".new_labels");
    }

    /** Refuses labels that no row can have, which are misspelled or are meant for another dataset. */
    private void checkLabels(JsonFields fields, String field, Collection<String> given) {
        List<String> unknown =
                given.stream().filter(label -> !labels.contains(label)).sorted().toList();
        if (!unknown.isEmpty()) {
            fields.wrong(
                    field,
                    "unknown_label",
                    labels.isEmpty()
                            ? "The rows have no labels. Remove '" + field + "'"
                            : "The rows do not have these labels: %s. They have: %s"
                                    .formatted(shown(unknown), shown(labels)));
        }
    }

    private static String shown(Collection<String> names) {
        String first = names.stream().limit(SHOWN_LABELS).map(Problem::quote).collect(Collectors.joining(", "));
        return names.size() > SHOWN_LABELS ? first + " and " + (names.size() - SHOWN_LABELS) + " more" : first;
    }

    /** Removes control characters, and white space at the ends. */
    private static String strip(String text) {
        return CONTROL.matcher(text).replaceAll("").strip();
    }

    private static Step.Edit redact(JsonFields fields) {
        List<String> names = Arrays.stream(PersonalData.Kind.values())
                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                .toList();
        List<String> given = fields.list("kinds", names.size(), MAX_LABEL);
        Set<PersonalData.Kind> kinds = EnumSet.noneOf(PersonalData.Kind.class);
        for (String kind : given == null ? names : given) {
            if (names.contains(kind)) {
                kinds.add(PersonalData.Kind.values()[names.indexOf(kind)]);
            } else {
                fields.wrong("kinds", "unknown_kind", "may contain " + String.join(", ", names));
            }
        }
        Redaction redaction = new Redaction(kinds);
        return row -> RowEdits.texts(row, redaction::redact);
    }

    private Step filter(JsonFields fields, String name) {
        List<String> splits = fields.list("splits", 3, MAX_LABEL);
        if (splits != null && !List.of("train", "validation", "test").containsAll(splits)) {
            fields.wrong("splits", "unknown_split", "may contain train, validation and test");
        }
        List<String> wanted = fields.list("labels", MAX_LABELS, MAX_LABEL);
        checkLabels(fields, "labels", wanted == null ? List.of() : wanted);
        Filter filter = new Filter(
                wanted,
                splits,
                fields.string("contains", 1_000),
                fields.string("lacks", 1_000),
                fields.integer("min_characters", 0, Integer.MAX_VALUE),
                fields.integer("max_characters", 0, Integer.MAX_VALUE));
        if (filter.equals(new Filter(null, null, null, null, null, null))) {
            fields.wrong("", "missing_option", "'" + name + "' must have at least one condition");
        }
        return filter;
    }

    private static Step sample(JsonFields fields, String name) {
        Integer rows = fields.integer("rows", 1, Integer.MAX_VALUE);
        Double fraction = fields.number("fraction", 0, 1);
        if (fields.has("rows") == fields.has("fraction")) {
            fields.wrong("", "conflicting_options", "'" + name + "' must have either 'rows' or 'fraction'");
        }
        return new Sample(rows == null ? 0 : rows, fraction == null ? 0 : fraction, seed(fields));
    }

    private static long seed(JsonFields fields) {
        Integer seed = fields.integer("seed", 0, Integer.MAX_VALUE);
        return seed == null ? 42 : seed;
    }

    private Step append(JsonFields fields) {
        String dataset = fields.string("dataset", MAX_LABEL);
        if (!fields.has("dataset")) {
            fields.wrong("dataset", "missing_option", "is required");
        }
        if (dataset == null) {
            return new Append(visitor -> {});
        }
        Appended appended = datasets.apply(dataset);
        labels.addAll(appended.labels());
        return new Append(appended.rows());
    }
}
