package dev.anneal.dataset.rows;

import dev.anneal.spec.Subset;
import java.io.Writer;
import java.math.BigDecimal;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The rows of a dataset that a job trains on: all training rows, or a {@link Subset} of them. A subset is drawn at random from
 * each label's rows in proportion to their number, at least one of each if there is room. A row with several labels counts for
 * its first one. The same seed draws the same rows. They keep their order.
 */
@Component
public class TrainingRows {
    private static final int LONGEST_SECONDS = 5;
    private static final String CHOSEN = """
            with chosen as (
                select number from (
                    select number, draw, greatest(1, round(:fraction * size)) as share,
                           row_number() over (order by draw > 1, (draw - 0.5) / size, hash, number) as place
                    from (select number, hash,
                                 row_number() over (partition by label order by hash, number) as draw,
                                 count(*) over (partition by label) as size
                          from (select number, md5('subset:' || :seed || ':' || number) as hash,
                                       coalesce(content ->> 'label', content -> 'labels' ->> 0) as label
                                from dataset_rows where dataset_id = :id and split = 'train') as hashed) as ranked) as drawn
                where (:rows::bigint is null or place <= :rows) and (:fraction::numeric is null or draw <= share))
            """;
    /** The rows of a subset, each as {@code r}. */
    private static final String OF_SUBSET =
            " from chosen join dataset_rows as r on r.dataset_id = :id and r.number = chosen.number ";
    /** All training rows, without a join, which Postgres would compute for nothing. */
    private static final String ALL =
            " from (select * from dataset_rows where dataset_id = :id and split = 'train') as r ";

    private static final String TEXT = """
            concat(r.content ->> 'text', r.content ->> 'prompt', r.content ->> 'completion',
                   (select string_agg(word, ' ') from jsonb_array_elements_text(r.content -> 'tokens') as word),
                   (select string_agg(message ->> 'content', ' ')
                    from jsonb_array_elements(r.content -> 'messages') as message))""";

    private final DataSource dataSource;
    private final RowStream stream;

    TrainingRows(DataSource dataSource, RowStream stream) {
        this.dataSource = dataSource;
        this.stream = stream;
    }

    /** Counts the rows without drawing them. */
    public long count(String datasetId, @Nullable Subset subset, long seed) {
        MapSqlParameterSource parameters = parameters(datasetId, subset, seed);
        if (subset == null || subset.fraction() == null) {
            return number(
                    "select least(:rows::bigint, (select count(*)" + ALL + "))",
                    parameters.addValue("rows", subset == null ? null : subset.rows(), Types.BIGINT));
        }
        return number("""
                select coalesce(sum(greatest(1, round(:fraction * size))), 0)::bigint
                from (select count(*) as size""" + ALL + """
                      group by coalesce(r.content ->> 'label', r.content -> 'labels' ->> 0)) as sizes""", parameters);
    }

    /** Counts the rows of each label, or the words of each tag. */
    public Map<String, Long> labelCounts(String datasetId, @Nullable Subset subset, long seed) {
        Map<String, Long> counts = new LinkedHashMap<>();
        new NamedParameterJdbcTemplate(dataSource)
                .query(with(subset) + """
                        select name, sum(times)::bigint
                        from (select coalesce(r.content -> 'tags', r.content -> 'labels', r.content -> 'label') as names,
                                     count(*) as times
                              """ + from(subset) + """
                              group by names) as distinct_names
                        cross join lateral jsonb_array_elements_text(
                            case jsonb_typeof(names) when 'array' then names else jsonb_build_array(names) end) as name
                        group by name""", parameters(datasetId, subset, seed), row -> {
                    counts.put(row.getString(1), row.getLong(2));
                });
        return counts;
    }

    /**
     * Counts the pieces of the texts if each piece has this many characters.
     *
     * @param together whether the texts are joined before they are split
     * @param cut whether a text is cut after one piece
     */
    public long pieces(
            String datasetId, @Nullable Subset subset, long seed, double characters, boolean together, boolean cut) {
        String length = cut ? "least(length(text), :characters)" : "length(text)";
        String lengths = together ? "sum(" + length + ")" : length;
        String sql = with(subset) + "select " + (together ? "" : "sum(") + "greatest(1, ceil(" + lengths
                + " / :characters))" + (together ? "" : ")") + "::bigint" + texts(subset);
        return number(sql, parameters(datasetId, subset, seed).addValue("characters", characters));
    }

    /**
     * Counts the windows of the texts.
     *
     * @param room the characters of a window
     * @param step the characters from the start of a window to that of the next
     */
    public long windows(String datasetId, @Nullable Subset subset, long seed, double room, double step) {
        return number(
                with(subset) + "select sum(1 + ceil(greatest(0, length(text) - :room) / :step))::bigint"
                        + texts(subset),
                parameters(datasetId, subset, seed).addValue("room", room).addValue("step", step));
    }

    /** Returns the number of bytes of the longest text. Fails if all rows cannot be read in a few seconds. */
    public long longest(String datasetId, @Nullable Subset subset, long seed) {
        JdbcTemplate bounded = new JdbcTemplate(dataSource);
        bounded.setQueryTimeout(LONGEST_SECONDS);
        Long longest = new NamedParameterJdbcTemplate(bounded)
                .queryForObject(
                        with(subset) + "select coalesce(max(octet_length(text)), 0)" + texts(subset),
                        parameters(datasetId, subset, seed),
                        Long.class);
        return Objects.requireNonNull(longest);
    }

    private long number(String sql, MapSqlParameterSource parameters) {
        Long number = new NamedParameterJdbcTemplate(dataSource).queryForObject(sql, parameters, Long.class);
        return Objects.requireNonNull(number);
    }

    /**
     * Returns the first texts of rows of any form, each cut after some characters. The text of a chat is the contents of its
     * messages in order, that of tagged words these words with spaces between them.
     */
    public List<String> texts(String datasetId, @Nullable Subset subset, long seed, int limit, int characters) {
        return new NamedParameterJdbcTemplate(dataSource)
                .queryForList(
                        with(subset) + "select left(" + TEXT + ", :characters)" + from(subset)
                                + "order by r.number limit :limit",
                        parameters(datasetId, subset, seed)
                                .addValue("limit", limit)
                                .addValue("characters", characters),
                        String.class);
    }

    /** Writes the rows as JSON lines in the order of the file, each with its number as {@code row} and where it was read. Returns how many. */
    public long write(String datasetId, @Nullable Subset subset, long seed, Writer out) {
        String sql = with(subset) + "select r.number" + from(subset) + "order by r.number";
        return stream.write(datasetId, sql, parameters(datasetId, subset, seed), out);
    }

    /** Returns those of the first rows, as {@link #write} writes them, that do not have too many characters. */
    public List<String> first(String datasetId, @Nullable Subset subset, long seed, int limit, int characters) {
        return new NamedParameterJdbcTemplate(dataSource)
                .queryForList(
                        with(subset)
                                + "select jsonb_build_object('row', number) || content from (select r.number, r.content"
                                + from(subset) + """
                                order by r.number limit :limit) as first
                                where length(content::text) <= :characters order by number""",
                        parameters(datasetId, subset, seed)
                                .addValue("limit", limit)
                                .addValue("characters", characters),
                        String.class);
    }

    private static String with(@Nullable Subset subset) {
        return subset == null ? "" : CHOSEN;
    }

    private static String from(@Nullable Subset subset) {
        return subset == null ? ALL : OF_SUBSET;
    }

    private static String texts(@Nullable Subset subset) {
        return " from (select " + TEXT + " as text" + from(subset) + ") as texts";
    }

    private static MapSqlParameterSource parameters(String datasetId, @Nullable Subset subset, long seed) {
        MapSqlParameterSource parameters = new MapSqlParameterSource("id", datasetId);
        if (subset != null) {
            parameters.addValue("seed", String.valueOf(seed));
            parameters.addValue("rows", subset.rows(), Types.BIGINT);
            parameters.addValue(
                    "fraction",
                    subset.fraction() == null ? null : BigDecimal.valueOf(subset.fraction()),
                    Types.NUMERIC);
        }
        return parameters;
    }
}
