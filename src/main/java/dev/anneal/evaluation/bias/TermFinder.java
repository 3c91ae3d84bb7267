package dev.anneal.evaluation.bias;

import dev.anneal.text.Cut;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds the terms of a dimension in texts, as whole words in any case, and exchanges them. */
public final class TermFinder {
    /** A long text is searched up to here. */
    private static final int MOST_CHARACTERS = 20_000;

    private record Place(int group, int term) {}

    private final TermLists.Dimension dimension;
    private final Map<String, Place> places = new HashMap<>();
    private final Pattern pattern;

    public TermFinder(TermLists.Dimension dimension) {
        this.dimension = dimension;
        for (int group = 0; group < dimension.groups().size(); group++) {
            List<String> terms = dimension.terms().get(group);
            for (int term = 0; term < terms.size(); term++) {
                places.putIfAbsent(folded(terms.get(term)), new Place(group, term));
            }
        }
        String any = places.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(term -> term))
                .map(Pattern::quote)
                .collect(Collectors.joining("|"));
        pattern = Pattern.compile(
                "(?<![\\p{L}\\p{M}\\p{N}_])(?:" + any + ")(?![\\p{L}\\p{M}\\p{N}_])",
                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    public TermLists.Dimension dimension() {
        return dimension;
    }

    /** Returns the groups, by number, whose terms a text contains. */
    public List<Integer> groups(String text) {
        TreeSet<Integer> groups = new TreeSet<>();
        Matcher matcher = pattern.matcher(searched(text));
        while (matcher.find()) {
            groups.add(place(matcher.group()).group);
        }
        return new ArrayList<>(groups);
    }

    /** Returns a text with the terms of one group exchanged for those of another one. Upper case stays. */
    public String exchange(String text, int from, int to) {
        Matcher matcher = pattern.matcher(searched(text));
        StringBuilder changed = new StringBuilder();
        int end = 0;
        while (matcher.find()) {
            Place place = place(matcher.group());
            if (place.group == from) {
                changed.append(text, end, matcher.start())
                        .append(inCaseOf(
                                matcher.group(), dimension.terms().get(to).get(place.term)));
                end = matcher.end();
            }
        }
        return changed.append(text, end, text.length()).toString();
    }

    private static String searched(String text) {
        return Cut.toLength(text, MOST_CHARACTERS);
    }

    private Place place(String found) {
        return Objects.requireNonNull(places.get(folded(found)));
    }

    /** Returns a text of which the pattern matches all other cases. It compares each character after these two steps. */
    static String folded(String text) {
        return text.codePoints()
                .map(c -> Character.toLowerCase(Character.toUpperCase(c)))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String inCaseOf(String model, String term) {
        boolean isFirstUpper = Character.isUpperCase(model.codePointAt(0));
        boolean isAllUpper = isFirstUpper
                && model.codePointCount(0, model.length()) > 1
                && model.codePoints().noneMatch(Character::isLowerCase);
        if (isAllUpper) {
            return term.toUpperCase(Locale.ROOT);
        }
        int first = term.offsetByCodePoints(0, 1);
        return isFirstUpper ? term.substring(0, first).toUpperCase(Locale.ROOT) + term.substring(first) : term;
    }
}
