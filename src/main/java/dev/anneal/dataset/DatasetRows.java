package dev.anneal.dataset;

import dev.anneal.dataset.file.DatasetParser;
import dev.anneal.dataset.file.ProblemView;
import dev.anneal.dataset.file.Row;
import dev.anneal.dataset.file.RowProblems;
import dev.anneal.dataset.file.Severity;
import dev.anneal.dataset.split.Splits;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;

/** The rows in Postgres. They are written by COPY through a temporary table, never whole in memory. */
@Component
public class DatasetRows {
    /** The number of rows, by label and split. */
    record Summary(long count, List<Dataset.LabelCount> labels, Dataset.Splits splits) {
        static final Summary NONE = new Summary(0, List.of(), new Dataset.Splits(0, 0, 0));
    }

    /** SQL for the names of a row's labels or tags, as a set that a query can join. It is a null if the row has neither. */
    public static final String NAMES =
            "jsonb_array_elements_text(coalesce(content -> 'labels', content -> 'tags', jsonb_build_array(content -> 'label')))";

    private static final int FLUSH = 1 << 16;

    private final JdbcClient jdbc;
    private final DataSource dataSource;
    private final DatasetSplitter splitter;

    DatasetRows(JdbcClient jdbc, DataSource dataSource, DatasetSplitter splitter) {
        this.jdbc = jdbc;
        this.dataSource = dataSource;
        this.splitter = splitter;
    }

    /** Receives rows within the transaction of the caller. */
    final class Incoming implements DatasetParser.Sink {
        private final CopyIn copy;
        private final StringBuilder lines = new StringBuilder();

        private final long maxRows;
        private long count;

        /** Returns the number of rows. */
        long count() {
            return count;
        }

        Incoming(long maxRows) throws SQLException {
            this.maxRows = maxRows;
            jdbc.sql("create temporary table incoming (number bigint, split text, label text, content jsonb)"
                            + " on commit drop")
                    .update();
            Connection connection = DataSourceUtils.getConnection(dataSource);
            copy = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy incoming (number, split, label, content) from stdin");
        }

        @Override
        public void add(Row row) throws IOException {
            if (++count > maxRows && maxRows > 0) {
                throw Problem.limit(
                        "too_many_rows",
                        "The file has more rows than the server accepts",
                        "anneal.limits.max-rows",
                        maxRows);
            }
            lines.append(row.number()).append('\t');
            field(row.split());
            field(row.label());
            escape(row.content().toString());
            lines.append('\n');
            if (lines.length() > FLUSH) {
                flush();
            }
        }

        private void field(@Nullable String text) {
            if (text == null) {
                lines.append("\\N");
            } else {
                escape(text);
            }
            lines.append('\t');
        }

        /** Escapes the characters that end a field or a row in COPY's text format. */
        private void escape(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                switch (c) {
                    case '\\' -> lines.append("\\\\");
                    case '\t' -> lines.append("\\t");
                    case '\n' -> lines.append("\\n");
                    case '\r' -> lines.append("\\r");
                    default -> lines.append(c);
                }
            }
        }

        private void flush() throws IOException {
            byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
            try {
                copy.writeToCopy(bytes, 0, bytes.length);
            } catch (SQLException e) {
                throw new IOException(e);
            }
            lines.setLength(0);
        }

        void finish() throws IOException, SQLException {
            flush();
            copy.endCopy();
        }

        void cancel() throws SQLException {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    Incoming incoming(long maxRows) throws SQLException {
        return new Incoming(maxRows);
    }

    /** Moves the incoming rows to the dataset and its splits, and counts them. */
    Summary keep(String datasetId, Set<String> roles, Splits drawn) throws IOException, SQLException {
        boolean multiple = roles.contains("labels") || roles.contains("tags");
        splitter.split(datasetId, drawn);
        List<Dataset.LabelCount> labels = multiple
                ? counts("select name, count(*) as count from incoming, " + NAMES + " as name")
                : roles.contains("label") ? counts("select label as name, count(*) as count from incoming") : List.of();
        Dataset.Splits splits = splits(datasetId);
        return new Summary(splits.train() + splits.validation() + splits.test(), labels, splits);
    }

    private Dataset.Splits splits(String datasetId) {
        return jdbc.sql("""
                        select count(*) filter (where split = 'train') as train,
                               count(*) filter (where split = 'validation') as validation,
                               count(*) filter (where split = 'test') as test
                        from dataset_rows where dataset_id = ?""").param(datasetId).query(Dataset.Splits.class).single();
    }

    /** Counts the rows that a dataset has now. */
    Summary summary(String datasetId, Set<String> roles) {
        boolean labelled = roles.contains("labels") || roles.contains("tags") || roles.contains("label");
        List<Dataset.LabelCount> labels = !labelled
                ? List.of()
                : jdbc.sql("select name, count(*) as count from dataset_rows, " + NAMES + """
                                 as name where dataset_id = ? and name is not null group by name
                                order by name collate "C"
                                """)
                        .param(datasetId)
                        .query(Dataset.LabelCount.class)
                        .list();
        Dataset.Splits splits = splits(datasetId);
        return new Summary(splits.train() + splits.validation() + splits.test(), labels, splits);
    }

    /** A row with one of its labels or tags. */
    record NamedRow(long number, String name) {}

    /** The rows, of validation and test or of all splits, that have one of the labels or tags. */
    private static final String NAMED = "from dataset_rows, " + NAMES
            + " as name where dataset_id = ? and (not ? or split <> 'train') and name = any(?)";

    /** Returns the first rows that have one of the labels or tags, each with the first of these. */
    List<NamedRow> named(String datasetId, List<String> names, boolean evaluation) {
        return names.isEmpty()
                ? List.of()
                : jdbc.sql("select number, min(name) as name " + NAMED + " group by number order by number limit "
                                + RowProblems.KEPT_ERRORS)
                        .params(datasetId, evaluation, names.toArray(String[]::new))
                        .query(NamedRow.class)
                        .list();
    }

    /** Removes the rows with labels that cannot be trained on. Returns how many. */
    long remove(String datasetId, DatasetValidator.Unusable unusable) {
        return remove(datasetId, unusable.rare(), false) + remove(datasetId, unusable.untrained(), true);
    }

    private long remove(String datasetId, List<String> names, boolean evaluation) {
        return names.isEmpty()
                ? 0
                : jdbc.sql("delete from dataset_rows where dataset_id = ? and (not ? or split <> 'train')"
                                + " and exists (select 1 from " + NAMES + " as name where name = any(?))")
                        .params(datasetId, evaluation, names.toArray(String[]::new))
                        .update();
    }

    /** The tables before some rows are stored. */
    final class Before {
        private final Connection connection = DataSourceUtils.getConnection(dataSource);
        private final Savepoint savepoint;

        private Before() throws SQLException {
            savepoint = connection.setSavepoint();
        }

        /** Removes the rows that were stored since. */
        void restore() throws SQLException {
            connection.rollback(savepoint);
        }
    }

    Before before() throws SQLException {
        return new Before();
    }

    private List<Dataset.LabelCount> counts(String select) {
        return jdbc.sql("select name, count from (" + select
                        + " group by 1) as counts order by name collate \"C\" limit ?")
                .param(DatasetValidator.MAX_LABELS + 1) // one more than a dataset may have
                .query(Dataset.LabelCount.class)
                .list();
    }

    void keepProblems(String datasetId, List<RowProblems.RowProblem> problems) {
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.batchUpdate(
                "insert into dataset_problems (dataset_id, number, row_number, file, line, col, severity, code, message)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                Stream.iterate(0, i -> i < problems.size(), i -> i + 1)
                        .map(i -> new Object[] {
                            datasetId,
                            i + 1,
                            problems.get(i).row(),
                            problems.get(i).file(),
                            problems.get(i).line(),
                            problems.get(i).column(),
                            problems.get(i).severity().name(),
                            problems.get(i).code(),
                            problems.get(i).message()
                        })
                        .toList());
    }

    /** Returns the labels or tags that occur in a split of the dataset, or in any split if it is null. */
    public List<String> labels(String datasetId, @Nullable String split) {
        return jdbc.sql("select distinct name from dataset_rows, " + NAMES + """
                         as name where dataset_id = :id and name is not null and (:split::text is null or split = :split)""")
                .param("id", datasetId)
                .param("split", split)
                .query(String.class)
                .list();
    }

    /** Returns whether the rows have more than one score. */
    boolean scoresDiffer(String datasetId) {
        return jdbc.sql("select count(distinct content -> 'score') > 1 from dataset_rows where dataset_id = ?")
                .param(datasetId)
                .query(Boolean.class)
                .single();
    }

    /** Returns those of the first rows of a split, or of all rows, that do not have too many characters, with their numbers. */
    public List<String> first(String datasetId, @Nullable String split, int limit, int characters) {
        return jdbc.sql("""
                        with first as (
                            select number, content from dataset_rows
                            where dataset_id = :id and (:split::text is null or split = :split)
                            order by number limit :limit)
                        select jsonb_build_object('row', number) || content from first
                        where length(content::text) <= :characters order by number""")
                .param("id", datasetId)
                .param("split", split)
                .param("characters", characters)
                .param("limit", limit)
                .query(String.class)
                .list();
    }

    /** Returns the keys that messages of the dataset have besides role and content. */
    List<String> messageKeys(String datasetId) {
        return jdbc.sql("""
                        select distinct key from dataset_rows,
                               jsonb_array_elements(content -> 'messages') as message, jsonb_object_keys(message) as key
                        where dataset_id = ? and key not in ('role', 'content') order by key""").param(datasetId).query(String.class).list();
    }

    /** Returns the number of the last problem, 0 if there are none. */
    long lastProblem(String datasetId) {
        return jdbc.sql("select coalesce(max(number), 0) from dataset_problems where dataset_id = ?")
                .param(datasetId)
                .query(Long.class)
                .single();
    }

    /** Returns a page of problems, with one more than the limit. The severity and the code are null for those of any. */
    List<ProblemView> problems(
            String datasetId, @Nullable Severity severity, @Nullable String code, long after, int limit) {
        return jdbc.sql("""
                        select number, file, line, col as column, severity, code, message from dataset_problems
                        where dataset_id = :id and number > :after
                              and (:severity::text is null or severity = :severity)
                              and (:code::text is null or code = :code)
                        order by number limit :limit""")
                .param("id", datasetId)
                .param("severity", severity == null ? null : severity.name())
                .param("code", code)
                .param("after", after)
                .param("limit", limit + 1)
                .query(ProblemView.class)
                .list();
    }
}
