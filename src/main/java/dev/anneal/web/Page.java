package dev.anneal.web;

import dev.anneal.json.Json;
import dev.anneal.text.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A page of a list, and whether more follows. */
public record Page<T>(List<T> data, boolean hasMore) {
    /** A page of {@link #read} ends once its objects have so many bytes. */
    static final int MAX_BYTES = 2 << 20;

    private static final int BATCH = 20;

    /** Returns a page from up to {@code limit + 1} rows; the additional row only says that more follows. */
    public static <S, T> Page<T> of(List<S> oneMore, int limit, Function<S, T> view) {
        return new Page<>(oneMore.stream().limit(limit).map(view).toList(), oneMore.size() > limit);
    }

    /** Reads up to that many objects after the one with an id. */
    @FunctionalInterface
    public interface Reader<S> {
        List<S> read(String after, int count);
    }

    /**
     * Returns a page whose objects are read in batches. It ends before the limit if they have many bytes: the labels of a thousand
     * objects can have hundreds of megabytes.
     */
    public static <S, T> Page<T> read(
            int limit,
            String after,
            Reader<S> reader,
            Function<S, String> id,
            Function<List<S>, Function<S, T>> views) {
        List<T> data = new ArrayList<>();
        long bytes = 0;
        String last = after;
        boolean more = true;
        while (more && data.size() < limit && bytes < MAX_BYTES) {
            int count = Math.min(BATCH, limit - data.size());
            List<S> found = reader.read(last, count + 1);
            Function<S, T> view = views.apply(found);
            more = found.size() > count;
            for (int i = 0; i < Math.min(count, found.size()); i++) {
                if (bytes >= MAX_BYTES) {
                    return new Page<>(data, true);
                }
                T shown = view.apply(found.get(i));
                data.add(shown);
                bytes += Json.MAPPER.writeValueAsBytes(shown).length;
                last = id.apply(found.get(i));
            }
        }
        return new Page<>(data, more);
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
