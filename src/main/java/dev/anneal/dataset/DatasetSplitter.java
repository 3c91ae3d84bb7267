package dev.anneal.dataset;

import dev.anneal.dataset.split.Splits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;

/** Moves incoming rows to a dataset, each to its split. */
@Component
class DatasetSplitter {
    private static final int FLUSH = 1 << 16;

    private final JdbcClient jdbc;
    private final DataSource dataSource;

    DatasetSplitter(JdbcClient jdbc, DataSource dataSource) {
        this.jdbc = jdbc;
        this.dataSource = dataSource;
    }

    /** Moves the rows of the temporary table {@code incoming} to the dataset. A row that names its split keeps it. */
    void split(String datasetId, Splits drawn) throws IOException, SQLException {
        jdbc.sql("create temporary table drawn (number bigint, split text) on commit drop")
                .update();
        copy(drawn);
        jdbc.sql("""
                        insert into dataset_rows (dataset_id, number, split, content)
                        select ?, number, coalesce(incoming.split, drawn.split, 'train'), content
                        from incoming left join drawn using (number)""").param(datasetId).update();
    }

    private void copy(Splits drawn) throws IOException, SQLException {
        CopyIn copy = DataSourceUtils.getConnection(dataSource)
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy drawn (number, split) from stdin");
        try {
            StringBuilder lines = new StringBuilder();
            drawn.forEach((number, split) -> {
                lines.append(number).append('\t').append(split).append('\n');
                if (lines.length() > FLUSH) {
                    flush(lines, copy);
                }
            });
            flush(lines, copy);
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static void flush(StringBuilder lines, CopyIn copy) throws IOException {
        byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
        try {
            copy.writeToCopy(bytes, 0, bytes.length);
        } catch (SQLException e) {
            throw new IOException(e);
        }
        lines.setLength(0);
    }
}
