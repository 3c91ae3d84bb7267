package dev.anneal.dataset;

import dev.anneal.dataset.problem.ProblemView;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.problem.Severity;
import dev.anneal.dataset.staged.RowCopy;
import dev.anneal.dataset.staged.StagedRows;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;

/** The rows in Postgres. They are written by COPY from temporary files, never whole in memory. */
@Component
public class DatasetRows {
    /** The number of rows, by label and split. */
    record Summary(long count, List<Dataset.LabelCount> labels, Dataset.Splits splits) {
        static final Summary NONE = new Summary(0, List.of(), new Dataset.Splits(0, 0, 0));

        static Summary of(StagedRows.Summary rows) {
            return new Summary(
                    rows.train() + rows.validation() + rows.test(),
                    rows.labels().stream()
                            .map(label -> new Dataset.LabelCount(label.name(), label.all()))
                            .toList(),
                    new Dataset.Splits(rows.train(), rows.validation(), rows.test()));
        }
    }

    /** SQL for the names of a row's labels or tags, as a set that a query can join. It is a null if the row has neither. */
    public static final String NAMES =
            "jsonb_array_elements_text(coalesce(content -> 'labels', content -> 'tags', jsonb_build_array(content -> 'label')))";

    private final JdbcClient jdbc;
    private final DataSource dataSource;

    DatasetRows(JdbcClient jdbc, DataSource dataSource) {
        this.jdbc = jdbc;
        this.dataSource = dataSource;
    }

    /** Stores rows in the transaction of the caller, in place of those that an attempt before it may have left. */
    void store(String datasetId, StagedRows rows) throws IOException, SQLException {
        remove(datasetId);
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            RowCopy.store(rows, datasetId, connection);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    /** Removes the rows of a dataset that cannot be used. */
    void remove(String datasetId) {
        jdbc.sql("delete from dataset_rows where dataset_id = ?")
                .param(datasetId)
                .update();
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

    /**
     * Counts the different values of a column in a split of the dataset, or in all splits if it is null.
     *
     * @param column {@code split}, {@code file}, {@code group} for that of this role, or a column that is kept with the rows
     * @param most the number at which the count ends
     */
    public long values(String datasetId, @Nullable String split, String column, int most) {
        String value = switch (column) {
            case "split", "file" -> column;
            case "group" -> "content ->> 'group'";
            default -> "content -> 'kept' ->> :column";
        };
        return jdbc.sql("""
                        select count(*) from (
                            select distinct %s as value from dataset_rows
                            where dataset_id = :id and (:split::text is null or split = :split) and (%s) is not null
                            limit :most) as found""".formatted(value, value))
                .param("id", datasetId)
                .param("split", split)
                .param("column", column)
                .param("most", most)
                .query(Long.class)
                .single();
    }

    /** Returns the number of words with a tag in a split of the dataset. */
    public long words(String datasetId, String split) {
        return jdbc.sql("""
                        select coalesce(sum(jsonb_array_length(content -> 'tags')), 0) from dataset_rows
                        where dataset_id = ? and split = ?""").params(datasetId, split).query(Long.class).single();
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

    /** Returns the columns that are kept with the rows. All rows have the same. */
    List<String> keptColumns(String datasetId) {
        return jdbc.sql("""
                        with first as (select content from dataset_rows where dataset_id = ? order by number limit 1)
                        select jsonb_object_keys(content -> 'kept') from first""").param(datasetId).query(String.class).list();
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
