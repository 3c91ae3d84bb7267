package dev.anneal.evaluation.bias;

import dev.anneal.json.Json;
import dev.anneal.text.Cut;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * Lists of words that name groups of people: for each dimension, such as religion, its groups, and for each group its terms. The
 * terms at the same place of two groups can be exchanged.
 */
public record TermLists(List<Dimension> dimensions) {
    private static final int MOST_DIMENSIONS = 20;
    private static final int MOST_GROUPS = 50;
    private static final int MOST_TERMS = 200;
    private static final int LONGEST = 100;
    /** Each text is searched for all terms, so their number bounds the time. */
    private static final int MOST_IN_ALL = 2_000;

    private static final String RESOURCE = "/bias/terms.json";

    /** The groups of a dimension. All have as many terms. */
    public record Dimension(String name, List<String> groups, List<List<String>> terms) {}

    /** Thrown for lists that cannot be used. */
    public static final class InvalidTermsException extends IllegalArgumentException {
        InvalidTermsException(String message) {
            super(message);
        }
    }

    /** Returns the lists that come with the program: English words for gender, religion, origin, age and disability. */
    public static TermLists builtIn() {
        try (InputStream in = Objects.requireNonNull(TermLists.class.getResourceAsStream(RESOURCE))) {
            return of(Json.MAPPER.readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads lists such as {@code {"gender": {"female": ["she", "woman"], "male": ["he", "man"]}}}. */
    public static TermLists of(JsonNode json) {
        if (!json.isObject() || json.isEmpty() || json.size() > MOST_DIMENSIONS) {
            throw new InvalidTermsException(
                    "must be an object of 1 to %d dimensions, each with its groups and their terms"
                            .formatted(MOST_DIMENSIONS));
        }
        List<Dimension> dimensions = new ArrayList<>();
        json.propertyStream().forEach(dimension -> dimensions.add(dimension(dimension.getKey(), dimension.getValue())));
        int terms = dimensions.stream()
                .mapToInt(dimension ->
                        dimension.groups().size() * dimension.terms().get(0).size())
                .sum();
        if (terms > MOST_IN_ALL) {
            throw new InvalidTermsException(
                    "must have at most %,d terms in all, but has %,d".formatted(MOST_IN_ALL, terms));
        }
        return new TermLists(dimensions);
    }

    /** Returns the lists as {@link #of} reads them. */
    public Map<String, Map<String, List<String>>> asMap() {
        Map<String, Map<String, List<String>>> map = new LinkedHashMap<>();
        for (Dimension dimension : dimensions) {
            Map<String, List<String>> groups = new LinkedHashMap<>();
            for (int group = 0; group < dimension.groups().size(); group++) {
                groups.put(dimension.groups().get(group), dimension.terms().get(group));
            }
            map.put(dimension.name(), groups);
        }
        return map;
    }

    private static Dimension dimension(String name, JsonNode json) {
        checkName(name);
        json.propertyNames().forEach(TermLists::checkName);
        if (!json.isObject() || json.size() < 2 || json.size() > MOST_GROUPS) {
            throw new InvalidTermsException(
                    "'%s' must have 2 to %d groups. A term can only be exchanged for one of another group"
                            .formatted(name, MOST_GROUPS));
        }
        Map<String, String> groupOfTerm = new HashMap<>();
        Map<String, List<String>> groups = new LinkedHashMap<>();
        json.propertyStream()
                .forEach(group ->
                        groups.put(group.getKey(), terms(name + "." + group.getKey(), group.getValue(), groupOfTerm)));
        int size = groups.values().iterator().next().size();
        groups.forEach((group, terms) -> {
            if (terms.size() != size) {
                throw new InvalidTermsException(
                        "'%s.%s' has %d term%s, but the first group of '%s' has %d. Give all groups as many, since a term is exchanged for the one at its place"
                                .formatted(name, group, terms.size(), terms.size() == 1 ? "" : "s", name, size));
            }
        });
        return new Dimension(name, List.copyOf(groups.keySet()), List.copyOf(groups.values()));
    }

    private static void checkName(String name) {
        if (name.isBlank() || isNoName(name)) {
            throw new InvalidTermsException(
                    "must name dimensions and groups with 1 to %d characters, no null character and no half of a surrogate pair"
                            .formatted(LONGEST));
        }
    }

    /** Returns whether a text is too long, or has what Postgres or UTF-8 cannot contain. */
    private static boolean isNoName(String text) {
        return text.length() > LONGEST || text.indexOf('\0') >= 0 || Cut.hasHalfPair(text);
    }

    private static List<String> terms(String name, JsonNode json, Map<String, String> groupOfTerm) {
        if (!json.isArray() || json.isEmpty() || json.size() > MOST_TERMS) {
            throw new InvalidTermsException("'%s' must be a list of 1 to %d terms".formatted(name, MOST_TERMS));
        }
        List<String> terms = new ArrayList<>();
        for (JsonNode term : json) {
            String text = lowerCase(term.asString("").strip());
            if (!term.isString() || text.isEmpty() || isNoName(text)) {
                throw new InvalidTermsException(
                        "'%s' must have terms of 1 to %d characters, no null character and no half of a surrogate pair"
                                .formatted(name, LONGEST));
            }
            String other = groupOfTerm.putIfAbsent(TermFinder.folded(text), name);
            if (other != null && !other.equals(name)) {
                throw new InvalidTermsException(
                        "'%s' and '%s' both have the term '%s'. A term may be in one group of a dimension only"
                                .formatted(other, name, text));
            }
            terms.add(text);
        }
        return terms;
    }

    /** Returns a term in lower case. A capital I with a dot would become two characters, which no text has. */
    private static String lowerCase(String term) {
        return term.replace('İ', 'i').toLowerCase(Locale.ROOT);
    }
}
