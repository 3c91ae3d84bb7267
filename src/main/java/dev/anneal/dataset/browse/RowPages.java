package dev.anneal.dataset.browse;

import dev.anneal.web.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads pages of rows. A page ends before its limit if its rows have many bytes, because a page is in memory as a whole, or if the
 * search for rows takes long.
 */
@Component
class RowPages {
    /**
     * A page.
     *
     * @param nextAfter the number after which the next page starts; null if nothing follows
     */
    record RowPage(
            List<RowView> data, boolean hasMore, @Nullable Long nextAfter) {}

    /** A page of rows ends once its rows have so many bytes. */
    static final int PAGE_BYTES = 2 << 20;

    /** The rows that are read at once for a page: the sizes of all of them are computed. */
    private static final int BATCH = 100;

    /** The time after which a search for rows that must be read ends. */
    private static final long SEARCH_NANOS = 2_000_000_000L;

    private static final int STEPS = 8;
    private static final int MOST_SEARCHED = 50_000;
    private static final int MOST_DRAWN = 100_000;

    /** The time after which a statement of a search is cancelled: a pattern takes long to look up in long texts. */
    private static final int STATEMENT_SECONDS = 3;

    private final JdbcClient jdbc;
    private final JdbcClient bounded;
    private final long searchNanos;

    @Autowired
    RowPages(DataSource dataSource) {
        this(dataSource, SEARCH_NANOS, STATEMENT_SECONDS);
    }

    RowPages(DataSource dataSource, long searchNanos, int statementSeconds) {
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.setQueryTimeout(statementSeconds);
        this.jdbc = JdbcClient.create(dataSource);
        this.bounded = JdbcClient.create(template);
        this.searchNanos = searchNanos;
    }

    private static Problem tooSlow() {
        return Problem.unprocessable(
                "search_too_slow",
                "The search reads texts that are too long for it. Filter by split, label or problem, or search for a shorter text.");
    }

    /** Returns the number of the last row, 0 if there are none. */
    long last(String datasetId) {
        return jdbc.sql("select coalesce(max(number), 0) from dataset_rows where dataset_id = ?")
                .param(datasetId)
                .query(Long.class)
                .single();
    }

    /** Returns the rows after a number, in their order. */
    RowPage page(String datasetId, RowFilter filter, long after, int limit) {
        Search search = new Search(datasetId, filter, limit);
        long last = after;
        for (int size = BATCH; !search.isFull(); size = search.nextSize(size)) {
            int asked = filter.isReading() ? size : Math.min(size, limit - search.rows.size() + 1);
            List<Long> numbers = numbers(datasetId, filter, last, asked);
            try {
                last = Math.max(last, search.read(numbers));
            } catch (QueryTimeoutException slow) {
                long reached = Math.max(last, search.last());
                if (reached == after) {
                    throw tooSlow();
                }
                return new RowPage(search.rows, true, reached);
            }
            if (search.isFull()) {
                break;
            }
            if (numbers.size() < asked) {
                return new RowPage(search.rows, false, null);
            }
            if (search.isLate()) {
                return new RowPage(search.rows, true, last);
            }
        }
        long next = search.rows.get(search.rows.size() - 1).number();
        boolean more = search.hasMore || !numbers(datasetId, filter, next, 1).isEmpty();
        return new RowPage(search.rows, more, more ? next : null);
    }

    /** Returns rows that are drawn at random, in the order in which they are drawn. The same seed draws the same rows. */
    RowPage sample(String datasetId, RowFilter filter, int count, long seed) {
        Search search = new Search(datasetId, filter, count);
        int most = filter.isReading() ? MOST_DRAWN : count;
        List<Long> numbers = drawn(datasetId, filter, most + 1, seed);
        int from = 0;
        for (int size = BATCH; from < numbers.size() && !search.isFull() && !search.isLate(); ) {
            int to = Math.min(numbers.size(), from + size);
            try {
                search.read(numbers.subList(from, to));
            } catch (QueryTimeoutException slow) {
                throw tooSlow();
            }
            from = to;
            size = search.nextSize(size);
        }
        return new RowPage(search.rows, search.hasMore || from < numbers.size(), null);
    }

    private List<Long> numbers(String datasetId, RowFilter filter, long after, int limit) {
        return statement(
                        "select number from dataset_rows where " + RowFilter.INDEXED
                                + " and number > :after order by number limit :limit",
                        datasetId,
                        filter)
                .param("after", after)
                .param("limit", limit)
                .query(Long.class)
                .list();
    }

    private List<Long> drawn(String datasetId, RowFilter filter, int limit, long seed) {
        return statement(
                        "select number from dataset_rows where " + RowFilter.INDEXED
                                + " order by hashint8extended(number, :seed), number limit :limit",
                        datasetId,
                        filter)
                .param("seed", seed)
                .param("limit", limit)
                .query(Long.class)
                .list();
    }

    private JdbcClient.StatementSpec statement(String sql, String datasetId, RowFilter filter) {
        return jdbc.sql(sql)
                .param("id", datasetId)
                .param("split", filter.split())
                .param("problem", filter.problem());
    }

    /** A row, its size, and how many rows were found, of which only those are returned for which there is room. */
    private record Sized(RowView view, long bytes, int found) {}

    /** Reads those of some rows that are wanted, until the page is full. */
    private final class Search {
        private final String datasetId;
        private final RowFilter filter;
        private final int limit;
        private final List<RowView> rows = new ArrayList<>();
        private final long started = System.nanoTime();
        private long stepStarted = started;
        private long bytes;
        private boolean hasMore;

        Search(String datasetId, RowFilter filter, int limit) {
            this.datasetId = datasetId;
            this.filter = filter;
            this.limit = limit;
        }

        /** Returns the number of the last row that was found, 0 if there is none. */
        long last() {
            return rows.isEmpty() ? 0 : rows.get(rows.size() - 1).number();
        }

        boolean isFull() {
            return hasMore || bytes >= PAGE_BYTES;
        }

        boolean isLate() {
            return filter.isReading() && System.nanoTime() - started > searchNanos;
        }

        /** Returns how many rows to look at next: more if the last ones took little time. */
        int nextSize(int size) {
            long now = System.nanoTime();
            boolean fast = now - stepStarted < searchNanos / STEPS;
            stepStarted = now;
            return filter.isReading() ? Math.max(1, fast ? Math.min(MOST_SEARCHED, 2 * size) : size / 2) : BATCH;
        }

        /** Reads rows in their order. Returns the number of the last one that was looked at, 0 if there was none. */
        long read(List<Long> numbers) {
            long last = 0;
            for (List<Long> rest = numbers; !rest.isEmpty(); ) {
                int room = Math.min(BATCH, limit - rows.size() + 1);
                List<Sized> found = wanted(rest, room);
                for (Sized row : found) {
                    if (rows.size() == limit) {
                        hasMore = true;
                        return last;
                    }
                    rows.add(row.view());
                    bytes += row.bytes();
                    last = row.view().number();
                }
                if (isFull()) {
                    return last;
                }
                if (found.isEmpty() || found.size() == found.get(0).found() && found.size() < room) {
                    return Objects.requireNonNull(numbers.get(numbers.size() - 1));
                }
                rest = rest.subList(rest.indexOf(last) + 1, rest.size());
            }
            return last;
        }

        private List<Sized> wanted(List<Long> numbers, int room) {
            return bounded.sql("""
                            with found as (
                                select number, split, content, octet_length(content::text) as bytes, place
                                from unnest(:numbers::bigint[]) with ordinality as wanted (wanted_number, place)
                                join dataset_rows on dataset_id = :id and number = wanted_number
                                where %s order by place limit :limit),
                            summed as (
                                select *, sum(bytes) over (order by place) - bytes as before, count(*) over () as found
                                from found)
                            select number, split, content, bytes, found from summed where before < :room order by place""".formatted(RowFilter.READ))
                    .param("id", datasetId)
                    .param("numbers", numbers.toArray(Long[]::new))
                    .param("label", filter.label())
                    .param("text", filter.pattern())
                    .param("limit", room)
                    .param("room", PAGE_BYTES - bytes)
                    .query((row, i) -> new Sized(
                            RowView.of(row.getLong("number"), row.getString("split"), row.getString("content")),
                            row.getLong("bytes"),
                            row.getInt("found")))
                    .list();
        }
    }
}
