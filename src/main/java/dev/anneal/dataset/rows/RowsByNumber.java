package dev.anneal.dataset.rows;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads rows by their numbers, which can be drawn at random. */
@Component
public class RowsByNumber {
    /** A row, whose content is JSON, and the number of its bytes. */
    public record Picked(long number, String split, String content, int bytes) {}

    private final JdbcClient jdbc;

    RowsByNumber(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Returns the numbers of rows of a split, or of all rows, in a random order, at most so many. The same seed gives the same
     * order. Postgres reads only an index for this.
     */
    public List<Long> draw(String datasetId, @Nullable String split, int most, long seed) {
        return jdbc.sql("""
                        select number from dataset_rows
                        where dataset_id = :id and (:split::text is null or split = :split)
                        order by hashint8extended(number, :seed), number limit :most""")
                .param("id", datasetId)
                .param("split", split)
                .param("seed", seed)
                .param("most", most)
                .query(Long.class)
                .list();
    }

    /**
     * Returns the rows with these numbers, in this order, up to so many bytes, but at least the first one that exists. The sizes of
     * all are computed, so {@link RowParts} tells for how many to ask.
     */
    public List<Picked> read(String datasetId, List<Long> numbers, long bytes) {
        return jdbc.sql("""
                        with found as materialized (
                            select number, octet_length(content::text) as bytes, place
                            from unnest(:numbers::bigint[]) with ordinality as wanted (wanted_number, place)
                            join dataset_rows on dataset_id = :id and number = wanted_number),
                        summed as (select *, sum(bytes) over (order by place) - bytes as before from found)
                        select number, split, content::text, bytes from summed
                        join dataset_rows using (number)
                        where dataset_id = :id and before < :bytes order by place""")
                .param("id", datasetId)
                .param("numbers", numbers.toArray(Long[]::new))
                .param("bytes", bytes)
                .query((row, i) -> new Picked(row.getLong(1), row.getString(2), row.getString(3), row.getInt(4)))
                .list();
    }
}
