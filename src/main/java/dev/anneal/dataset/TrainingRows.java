package dev.anneal.dataset;

import dev.anneal.spec.Subset;
import java.io.Writer;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
    private static final String ALL =
            "with chosen as (select number from dataset_rows where dataset_id = :id and split = 'train')\n";

    private static final String TEXTS = """
            , texts as (
                select r.number,
                       concat(content ->> 'text', content ->> 'prompt', content ->> 'completion',
                              (select string_agg(word, ' ') from jsonb_array_elements_text(content -> 'tokens') as word),
                              (select string_agg(message ->> 'content', ' ')
                               from jsonb_array_elements(content -> 'messages') as message)) as text
                from chosen join dataset_rows as r on r.dataset_id = :id and r.number = chosen.number)
            """;

    private final DataSource dataSource;
    private final RowStream stream;

    TrainingRows(DataSource dataSource, RowStream stream) {
        this.dataSource = dataSource;
        this.stream = stream;
    }

    public long count(String datasetId, @Nullable Subset subset, long seed) {
        return number(chosen(subset) + "select count(*) from chosen", parameters(datasetId, subset, seed));
    }

    /** Counts the rows of each label, or the words of each tag. */
    public Map<String, Long> labelCounts(String datasetId, @Nullable Subset subset, long seed) {
        Map<String, Long> counts = new LinkedHashMap<>();
        new NamedParameterJdbcTemplate(dataSource)
                .query(chosen(subset) + """
                                select label, count(*) from chosen join dataset_rows as r
                                    on r.dataset_id = :id and r.number = chosen.number
                                cross join lateral jsonb_array_elements_text(
                                    coalesce(r.content -> 'tags', jsonb_build_array(r.content ->> 'label'))) as label
                                group by label""", parameters(datasetId, subset, seed), row -> {
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
        String sql = chosen(subset) + TEXTS + "select " + (together ? "" : "sum(") + "greatest(1, ceil(" + lengths
                + " / :characters))" + (together ? "" : ")") + "::bigint from texts";
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
                chosen(subset) + TEXTS
                        + "select sum(1 + ceil(greatest(0, length(text) - :room) / :step))::bigint from texts",
                parameters(datasetId, subset, seed).addValue("room", room).addValue("step", step));
    }

    /** Returns the number of bytes of the longest text. */
    public long longest(String datasetId, @Nullable Subset subset, long seed) {
        return number(
                chosen(subset) + TEXTS + "select coalesce(max(octet_length(text)), 0) from texts",
                parameters(datasetId, subset, seed));
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
                        chosen(subset) + TEXTS
                                + "select left(text, :characters) from texts order by number limit :limit",
                        parameters(datasetId, subset, seed)
                                .addValue("limit", limit)
                                .addValue("characters", characters),
                        String.class);
    }

    /** Writes the rows as JSON lines in the order of the file, each with its number as {@code row}. Returns how many. */
    public long write(String datasetId, @Nullable Subset subset, long seed, Writer out) {
        String sql = chosen(subset) + """
                select jsonb_build_object('row', r.number) || content from chosen join dataset_rows as r
                    on r.dataset_id = :id and r.number = chosen.number order by r.number""";
        return stream.write(sql, parameters(datasetId, subset, seed), out);
    }

    /** Returns those of the first rows, as {@link #write} writes them, that do not have too many characters. */
    public List<String> first(String datasetId, @Nullable Subset subset, long seed, int limit, int characters) {
        return new NamedParameterJdbcTemplate(dataSource)
                .queryForList(
                        chosen(subset) + """
                                , first as (select number from chosen order by number limit :limit)
                                select jsonb_build_object('row', r.number) || content from first join dataset_rows as r
                                    on r.dataset_id = :id and r.number = first.number
                                where length(content::text) <= :characters order by r.number""",
                        parameters(datasetId, subset, seed)
                                .addValue("limit", limit)
                                .addValue("characters", characters),
                        String.class);
    }

    private static String chosen(@Nullable Subset subset) {
        return subset == null ? ALL : CHOSEN;
    }

    private static MapSqlParameterSource parameters(String datasetId, @Nullable Subset subset, long seed) {
        MapSqlParameterSource parameters = new MapSqlParameterSource("id", datasetId);
        if (subset != null) {
            parameters.addValue("seed", String.valueOf(seed));
            parameters.addValue("rows", subset.rows(), java.sql.Types.BIGINT);
            parameters.addValue(
                    "fraction",
                    subset.fraction() == null ? null : BigDecimal.valueOf(subset.fraction()),
                    java.sql.Types.NUMERIC);
        }
        return parameters;
    }
}
