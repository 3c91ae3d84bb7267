package dev.anneal.dataset.version;

import dev.anneal.dataset.check.RowTexts;
import dev.anneal.dataset.file.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the rows that meet all conditions. One that is null is not asked for.
 *
 * @param labels the row has one of these labels
 * @param splits the row is in one of these splits
 * @param contains the texts contain this text, in any case
 * @param lacks the texts do not contain this text, in any case
 * @param minCharacters the texts together have at least so many characters
 * @param maxCharacters the texts together have at most so many characters
 */
record Filter(
        @Nullable List<String> labels,
        @Nullable List<String> splits,
        @Nullable String contains,
        @Nullable String lacks,
        @Nullable Integer minCharacters,
        @Nullable Integer maxCharacters)
        implements Step {
    @Override
    public @Nullable Row apply(Row row) {
        List<String> texts = RowTexts.parts(row.content());
        int characters = texts.stream()
                .mapToInt(text -> text.codePointCount(0, text.length()))
                .sum();
        boolean kept = (labels == null || hasLabel(row, labels))
                && (splits == null || splits.contains(row.split()))
                && (contains == null || contains(texts, contains))
                && (lacks == null || !contains(texts, lacks))
                && (minCharacters == null || characters >= minCharacters)
                && (maxCharacters == null || characters <= maxCharacters);
        return kept ? row : null;
    }

    private static boolean hasLabel(Row row, List<String> labels) {
        return labels.contains(row.content().path("label").asString(""))
                || row.content().path("labels").valueStream().anyMatch(label -> labels.contains(label.asString("")))
                || row.content()
                        .path("tags")
                        .valueStream()
                        .map(tag -> tag.asString(""))
                        .anyMatch(tag -> tag.length() > 2 && labels.contains(tag.substring(2)));
    }

    private static boolean contains(List<String> texts, String part) {
        return texts.stream().anyMatch(text -> contains(text, part));
    }

    private static boolean contains(String text, String part) {
        for (int i = 0; i + part.length() <= text.length(); i++) {
            if (text.regionMatches(true, i, part, 0, part.length())) {
                return true;
            }
        }
        return false;
    }
}
