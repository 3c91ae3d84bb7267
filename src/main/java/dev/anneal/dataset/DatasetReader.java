package dev.anneal.dataset;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.version.RowSource;
import dev.anneal.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.ObjectNode;

/** Reads the rows of a dataset, one at a time, by a separate connection: the caller's may be writing rows meanwhile. */
@Component
class DatasetReader {
    private static final int FETCH = 1_000;

    private final NamedParameterJdbcTemplate cursor;
    private final TransactionTemplate transactions;

    DatasetReader(DataSource dataSource, PlatformTransactionManager manager) {
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.setFetchSize(FETCH);
        this.cursor = new NamedParameterJdbcTemplate(template);
        this.transactions = new TransactionTemplate(manager);
        transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transactions.setReadOnly(true);
    }

    /** Returns the rows of a split, or all rows if it is null. The line of a row is its number. */
    RowSource rows(String datasetId, @Nullable String split) {
        return visitor -> {
            try {
                transactions.executeWithoutResult(status -> read(datasetId, split, visitor));
            } catch (UncheckedIOException e) {
                throw Objects.requireNonNull(e.getCause());
            }
        };
    }

    private void read(String datasetId, @Nullable String split, RowSource.Visitor visitor) {
        cursor.query("""
                select number, split, content from dataset_rows
                where dataset_id = :id and (:split::text is null or split = :split) order by number""", new MapSqlParameterSource("id", datasetId).addValue("split", split), row -> {
            long number = row.getLong(1);
            ObjectNode content = (ObjectNode) Json.MAPPER.readTree(row.getString(3));
            String label = content.has("label") ? content.get("label").asString() : null;
            try {
                visitor.visit(new Row(number, null, number, row.getString(2), label, content, Map.of()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
