package dev.anneal.dataset.rows;

import java.io.Writer;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The rows of a split, or of a whole dataset, that a job evaluates: all, or so many that are drawn at random from each label's
 * rows in proportion to their number, so that rare labels do not count more than in the split. A row with several labels counts
 * for its first one. The same seed draws the same rows. They keep their order.
 */
@Component
public class EvaluationRows {
    private static final String ALL = """
            from dataset_rows where dataset_id = :id and (:split::text is null or split = :split)""";
    /** Each label's rows are spread evenly from 0 to 1, from a random start, which gives rare labels their share. */
    private static final String DRAWN = """
            with drawn as (
                select number, row_number() over (order by (draw - 1 + start) / size, hash, number) as place
                from (select number, hash, start,
                             row_number() over (partition by label order by hash, number) as draw,
                             count(*) over (partition by label) as size
                      from (select number, label, md5('evaluation:' || :seed || ':' || number) as hash,
                                   ('x' || left(md5('evaluation:' || :seed || ' ' || coalesce(label, '')), 8))
                                       ::bit(32)::bigint / 4294967296.0 as start
                            from (select number, coalesce(content ->> 'label', content -> 'labels' ->> 0) as label
                                  """ + ALL + """
            ) as labelled) as hashed) as ranked)
            select number from drawn where place <= :most order by number""";

    private final DataSource dataSource;
    private final RowStream stream;

    EvaluationRows(DataSource dataSource, RowStream stream) {
        this.dataSource = dataSource;
        this.stream = stream;
    }

    /** Counts the rows of a split, or all rows if it is null. */
    public long count(String datasetId, @Nullable String split) {
        Long count = new NamedParameterJdbcTemplate(dataSource)
                .queryForObject("select count(*) " + ALL, parameters(datasetId, split), Long.class);
        return Objects.requireNonNull(count);
    }

    /** Writes at most so many rows as JSON lines, each with its number as {@code row} and where it was read. Returns how many. */
    public long write(String datasetId, @Nullable String split, long most, long seed, Writer out) {
        String sql = count(datasetId, split) > most ? DRAWN : "select number " + ALL + " order by number";
        MapSqlParameterSource parameters =
                parameters(datasetId, split).addValue("most", most).addValue("seed", String.valueOf(seed));
        return stream.write(datasetId, sql, parameters, out);
    }

    /** Writes all rows as JSON lines, each with its number as {@code row} and where it was read. Returns how many. */
    public long writeAll(String datasetId, @Nullable String split, Writer out) {
        return stream.write(datasetId, "select number " + ALL + " order by number", parameters(datasetId, split), out);
    }

    private static MapSqlParameterSource parameters(String datasetId, @Nullable String split) {
        return new MapSqlParameterSource("id", datasetId).addValue("split", split);
    }
}
