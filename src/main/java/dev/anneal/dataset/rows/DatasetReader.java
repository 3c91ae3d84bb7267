package dev.anneal.dataset.rows;

import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.version.RowSource;
import dev.anneal.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the rows of a dataset, one at a time. It reads them in parts of a few megabytes, each by a connection that it gives back
 * before the visitor sees the first row: the visitor may be a slow client, and the caller's connection may be writing rows.
 */
@Component
public class DatasetReader {
    private static final int MAX_ROWS = 1_000;
    private static final int MAX_BYTES = 4 << 20;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;

    DatasetReader(JdbcClient jdbc, PlatformTransactionManager manager) {
        this.jdbc = jdbc;
        this.transactions = new TransactionTemplate(manager);
        transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transactions.setReadOnly(true);
    }

    private record Part(List<Row> rows, int found) {}

    /** Returns the rows of a split, or all rows if it is null. The line of a row from before lines were kept is its number. */
    public RowSource rows(String datasetId, @Nullable String split) {
        return visitor -> {
            RowParts parts = new RowParts(MAX_ROWS);
            long last = 0;
            for (Part part = part(datasetId, split, last, parts.size());
                    !part.rows.isEmpty();
                    part = part(datasetId, split, last, parts.size())) {
                for (Row row : part.rows) {
                    visitor.visit(row);
                    last = row.number();
                }
                parts.read(part.rows.size(), part.found);
            }
        };
    }

    /** Returns the next rows, at least one if there is one. */
    private Part part(String datasetId, @Nullable String split, long after, int limit) {
        int[] found = {0};
        List<Row> rows = Objects.requireNonNull(transactions.execute(status -> jdbc.sql("""
                        with found as (
                            select number, split, coalesce(line, number) as line, file, content::text as content
                            from dataset_rows
                            where dataset_id = :id and number > :after and (:split::text is null or split = :split)
                            order by number limit :rows),
                        summed as (
                            select *, sum(octet_length(content)) over (order by number) - octet_length(content) as before,
                                   count(*) over () as found
                            from found)
                        select number, split, line, file, content, found from summed where before < :bytes order by number""")
                .param("id", datasetId)
                .param("after", after)
                .param("split", split)
                .param("rows", limit)
                .param("bytes", MAX_BYTES)
                .query((row, i) -> {
                    found[0] = row.getInt("found");
                    return row(row);
                })
                .list()));
        return new Part(rows, found[0]);
    }

    private static Row row(ResultSet row) throws SQLException {
        ObjectNode content = (ObjectNode) Json.MAPPER.readTree(row.getString("content"));
        String label = content.has("label") ? content.get("label").asString() : null;
        return new Row(
                row.getLong("number"),
                row.getString("file"),
                row.getLong("line"),
                row.getString("split"),
                label,
                content,
                Map.of());
    }
}
