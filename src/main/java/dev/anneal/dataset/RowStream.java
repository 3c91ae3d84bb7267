package dev.anneal.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Writes the rows that a query finds, as JSON lines. It holds a thousand of them in memory, however many there are. */
@Component
class RowStream {
    private final NamedParameterJdbcTemplate cursor;
    private final TransactionTemplate transactions;

    RowStream(DataSource dataSource, TransactionTemplate transactions) {
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.setFetchSize(1000);
        this.cursor = new NamedParameterJdbcTemplate(template);
        this.transactions = transactions;
    }

    /** Writes the first column of each row that the query finds. Returns how many there are. */
    long write(String sql, SqlParameterSource parameters, Writer out) {
        long[] count = {0};
        // The driver streams only inside a transaction.
        transactions.executeWithoutResult(status -> cursor.query(sql, parameters, row -> {
            try {
                out.write(Objects.requireNonNull(row.getString(1)));
                out.write('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            count[0]++;
        }));
        return count[0];
    }
}
