package dev.anneal.web;

import dev.anneal.text.Ids;
import java.util.List;
import java.util.function.Function;

/** A page of a list, and whether more follows. */
public record Page<T>(List<T> data, boolean hasMore) {
    /** Returns a page from up to {@code limit + 1} rows; the additional row only says that more follows. */
    public static <S, T> Page<T> of(List<S> oneMore, int limit, Function<S, T> view) {
        return new Page<>(oneMore.stream().limit(limit).map(view).toList(), oneMore.size() > limit);
    }

    /**
     * Checks the `after` of a list whose ids have a prefix. Any other text would be compared with the ids, and could return the
     * first page for ever. The object may have been deleted since.
     */
    public static String after(String after, String prefix, String noun) {
        if (!after.equals(Ids.LAST) && !Ids.is(prefix, after)) {
            throw unknown(after, noun);
        }
        return after;
    }

    /** Checks the `after` of rows, problems or events, which are numbered. */
    public static long after(long after) {
        if (after < 0) {
            throw Problem.invalid("after", "out_of_range", "'after' is " + after + ". It must be 0 or more.");
        }
        return after;
    }

    /** Checks the `after` of a numbered list that does not grow. One beyond the last number would look like the end of the list. */
    public static long after(long after, long last, String noun) {
        if (after(after) > last) {
            throw Problem.invalid(
                    "after",
                    "unknown_cursor",
                    "There is no %s %d. %s Use the 'number' of the last %s on the previous page, or leave 'after' out to start."
                            .formatted(
                                    noun,
                                    after,
                                    last == 0 ? "The list is empty." : "The last one is " + last + ".",
                                    noun));
        }
        return after;
    }

    /** Returns the answer to an `after` that is not on the list. */
    public static Problem unknown(String after, String noun) {
        return Problem.invalid(
                "after",
                "unknown_cursor",
                "'after' is '%s', which is not the id of a %s on this list. Use the 'id' of the last %s on the previous page, or leave 'after' out to start."
                        .formatted(Problem.quote(after), noun, noun));
    }

    /** Checks the `limit` of a request: 1 to 1,000. */
    public static int limit(int limit) {
        if (limit < 1 || limit > 1000) {
            throw Problem.invalid("limit", "out_of_range", "'limit' is " + limit + ". It must be from 1 to 1000.");
        }
        return limit;
    }
}
