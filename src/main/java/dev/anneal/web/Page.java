package dev.anneal.web;

import java.util.List;
import java.util.function.Function;

/** A page of a list, and whether more follows. */
public record Page<T>(List<T> data, boolean hasMore) {
    /** Returns a page from up to {@code limit + 1} rows; the additional row only says that more follows. */
    public static <S, T> Page<T> of(List<S> oneMore, int limit, Function<S, T> view) {
        return new Page<>(oneMore.stream().limit(limit).map(view).toList(), oneMore.size() > limit);
    }

    /** Checks the `after` of a request: any text without null characters, which Postgres cannot store. */
    public static String after(String after) {
        if (after.indexOf('\0') >= 0) {
            throw Problem.invalid("after", "invalid_value", "'after' contains a null character.");
        }
        return after;
    }

    /** Checks the `limit` of a request: 1 to 1,000. */
    public static int limit(int limit) {
        if (limit < 1 || limit > 1000) {
            throw Problem.invalid("limit", "out_of_range", "'limit' is " + limit + ". It must be from 1 to 1000.");
        }
        return limit;
    }
}
