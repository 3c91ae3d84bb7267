package dev.anneal.dataset.rows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Writes rows of a dataset as JSON lines. It holds the numbers of a thousand of them in memory, and a few megabytes of rows: a row
 * can have millions of characters.
 */
@Component
class RowStream {
    private static final int NUMBERS = 1_000;
    private static final int MAX_BYTES = 4 << 20;
    /**
     * The first of the rows with these numbers, as many as have so many bytes, but at least one. Without {@code materialized},
     * Postgres would make each line three times.
     */
    private static final String LINES = """
            with found as materialized (
                select number, (jsonb_strip_nulls(jsonb_build_object('row', number, 'split', split, 'line', line, 'file', file))
                                || content)::text as line
                from dataset_rows where dataset_id = ? and number = any(?)),
            summed as (
                select number, line, sum(octet_length(line)) over (order by number) - octet_length(line) as before
                from found)
            select number, line from summed where before < ? order by number""";

    private record Line(long number, String text) {}

    private final JdbcTemplate jdbc;
    private final NamedParameterJdbcTemplate cursor;
    private final TransactionTemplate transactions;

    RowStream(DataSource dataSource, TransactionTemplate transactions) {
        this.jdbc = new JdbcTemplate(dataSource);
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.setFetchSize(10 * NUMBERS);
        this.cursor = new NamedParameterJdbcTemplate(template);
        this.transactions = transactions;
    }

    /**
     * Writes rows in the order of their numbers, each with its number as {@code row}, its {@code split}, and its {@code line} and
     * {@code file} if they are known. Returns how many there are.
     *
     * @param numbers a query that finds their numbers in order
     */
    long write(String datasetId, String numbers, SqlParameterSource parameters, Writer out) {
        Batch batch = new Batch(datasetId, out);
        // The driver streams only inside a transaction.
        transactions.executeWithoutResult(status -> {
            cursor.query(numbers, parameters, row -> {
                batch.add(row.getLong(1));
            });
            batch.write();
        });
        return batch.written;
    }

    private final class Batch {
        private final String datasetId;
        private final Writer out;
        private final Long[] numbers = new Long[NUMBERS];
        private int size;
        private final RowParts parts = new RowParts(NUMBERS);
        private long written;

        Batch(String datasetId, Writer out) {
            this.datasetId = datasetId;
            this.out = out;
        }

        void add(long number) {
            numbers[size++] = number;
            if (size == NUMBERS) {
                write();
            }
        }

        void write() {
            for (int from = 0; from < size; ) {
                Long[] wanted = Arrays.copyOfRange(numbers, from, Math.min(size, from + parts.size()));
                List<Line> found = jdbc.query(
                        LINES, (row, i) -> new Line(row.getLong(1), row.getString(2)), datasetId, wanted, MAX_BYTES);
                if (found.isEmpty()) {
                    throw new IllegalStateException("rows of the dataset " + datasetId + " are gone");
                }
                try {
                    for (Line line : found) {
                        out.write(line.text);
                        out.write('\n');
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                parts.read(found.size(), wanted.length);
                written += found.size();
                from += found.size();
            }
            size = 0;
        }
    }
}
