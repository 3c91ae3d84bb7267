package dev.anneal.dataset.browse;

import dev.anneal.web.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rows are wanted: of a split, with a label or tag, with a problem of a code, with a text in one of their texts. Null stands
 * for any.
 */
record RowFilter(
        @Nullable String split,
        @Nullable String label,
        @Nullable String problem,
        @Nullable String text) {
    private static final int MOST_CHARACTERS = 200;

    /** SQL for the numbers of the rows of a dataset that an index finds: those of a split or with a problem. */
    static final String INDEXED = """
            dataset_id = :id and (:split::text is null or split = :split)
            and (:problem::text is null or number in (
                select row_number from dataset_problems where dataset_id = :id and code = :problem))""";

    /** SQL for the rows that must be read to know whether they are wanted. */
    static final String READ = """
            (:label::text is null or content ->> 'label' = :label
             or jsonb_exists(content -> 'labels', :label) or jsonb_exists(content -> 'tags', :label))
            and (:text::text is null or concat_ws(' ', content ->> 'text', content ->> 'text_pair', content ->> 'prompt',
                content ->> 'completion',
                (select string_agg(word, ' ') from jsonb_array_elements_text(content -> 'tokens') as word),
                (select string_agg(message ->> 'content', ' ')
                 from jsonb_array_elements(content -> 'messages') as message)) ilike :text)""";

    /** Returns the filter of a request, whose values it checks. */
    static RowFilter of(
            @Nullable String split, @Nullable String label, @Nullable String problem, @Nullable String text) {
        if (split != null && !List.of("train", "validation", "test").contains(split)) {
            throw Problem.invalid("split", "unknown_split", "'split' must be train, validation or test.");
        }
        int characters = text == null ? 1 : text.codePointCount(0, text.length());
        if (characters < 1 || characters > MOST_CHARACTERS) {
            throw Problem.invalid(
                    "text",
                    "out_of_range",
                    "'text' has %,d characters. It must have 1 to %d.".formatted(characters, MOST_CHARACTERS));
        }
        for (Map.Entry<String, String> given : Map.of(
                        "label", label == null ? "" : label,
                        "problem", problem == null ? "" : problem,
                        "text", text == null ? "" : text)
                .entrySet()) {
            if (given.getValue().indexOf('\0') >= 0) {
                throw Problem.invalid(
                        given.getKey(),
                        "invalid_value",
                        "'%s' contains a null character, which no row has. Remove it.".formatted(given.getKey()));
            }
        }
        return new RowFilter(split, label, problem, text);
    }

    /** Returns whether rows must be read to know whether they are wanted. */
    boolean isReading() {
        return label != null || text != null;
    }

    /** Returns the pattern for a text, in which no character has a special meaning. */
    @Nullable
    String pattern() {
        return text == null ? null : "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%";
    }
}
