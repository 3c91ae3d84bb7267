package dev.anneal.dataset;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a look at the rows tells before training: labels per split, lengths, scores, repeated texts. Computed in Postgres. */
@Component
class DatasetStatistics {
    record LabelSplits(String name, long train, long validation, long test) {}

    record Lengths(long min, double mean, long p50, long p95, long max) {}

    record Score(double min, double mean, double max) {}

    record View(List<LabelSplits> labels, Lengths textLength, Score score, long repeatedTexts) {}

    /** All texts of a row together; tokens as if a space stood between them. */
    private static final String LENGTH = """
            coalesce(length(content ->> 'text'), 0) + coalesce(length(content ->> 'text_pair'), 0)
            + coalesce(length(content ->> 'prompt'), 0) + coalesce(length(content ->> 'completion'), 0)
            + coalesce((select sum(length(token)) + count(*) - 1
                        from jsonb_array_elements_text(content -> 'tokens') as token), 0)
            + coalesce((select sum(length(message ->> 'content'))
                        from jsonb_array_elements(content -> 'messages') as message), 0)""";

    private static final int KEPT = 200;

    private final JdbcClient jdbc;
    /** Those asked for last; rows never change. */
    private final Map<String, View> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, View> eldest) {
            return size() > KEPT;
        }
    };

    DatasetStatistics(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One computation at a time: of a large dataset it takes long, and must not take all connections. */
    synchronized View of(String datasetId) {
        View view = known.get(datasetId);
        if (view == null) {
            view = compute(datasetId);
            known.put(datasetId, view);
        }
        return view;
    }

    private View compute(String datasetId) {
        List<LabelSplits> labels = jdbc.sql("""
                        select name,
                               count(*) filter (where split = 'train') as train,
                               count(*) filter (where split = 'validation') as validation,
                               count(*) filter (where split = 'test') as test
                        from dataset_rows, %s as name where dataset_id = ? and name is not null
                        group by name order by name collate "C\"""".formatted(DatasetRows.NAMES))
                .param(datasetId)
                .query(LabelSplits.class)
                .list();
        Lengths lengths = jdbc.sql("""
                        select coalesce(min(n), 0) as min, coalesce(avg(n), 0)::float8 as mean,
                               coalesce(percentile_disc(0.5) within group (order by n), 0) as p50,
                               coalesce(percentile_disc(0.95) within group (order by n), 0) as p95,
                               coalesce(max(n), 0) as max
                        from (select %s as n from dataset_rows where dataset_id = ?) as lengths""".formatted(LENGTH))
                .param(datasetId)
                .query(Lengths.class)
                .single();
        Score score =
                jdbc.sql("""
                        select min(score) as min, avg(score) as mean, max(score) as max
                        from (select (content ->> 'score')::float8 as score from dataset_rows
                              where dataset_id = ?) as scores having count(score) > 0""").param(datasetId).query(Score.class).optional().orElse(null);
        long repeated = jdbc.sql("""
                        select count(*) - count(distinct md5((content - '{label,labels,score,tags}'::text[])::text))
                        from dataset_rows where dataset_id = ?""").param(datasetId).query(Long.class).single();
        return new View(labels, lengths, score, repeated);
    }
}
