package dev.anneal.dataset;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a look at the rows tells before training: labels per split, lengths, repeated texts. Computed in Postgres. */
@Component
class DatasetStatistics {
    record LabelSplits(String name, long train, long validation, long test) {}

    record TextLength(int min, double mean, int p50, int p95, int max) {}

    record View(List<LabelSplits> labels, TextLength textLength, long repeatedTexts) {}

    private final JdbcClient jdbc;

    DatasetStatistics(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    View of(String datasetId) {
        List<LabelSplits> labels =
                jdbc.sql("""
                        select content ->> 'label' as name,
                               count(*) filter (where split = 'train') as train,
                               count(*) filter (where split = 'validation') as validation,
                               count(*) filter (where split = 'test') as test
                        from dataset_rows where dataset_id = ? group by content ->> 'label' order by (content ->> 'label') collate "C\"""").param(datasetId).query(LabelSplits.class).list();
        TextLength lengths =
                jdbc.sql("""
                        select coalesce(min(n), 0) as min, coalesce(avg(n), 0)::float8 as mean,
                               coalesce(percentile_disc(0.5) within group (order by n), 0) as p50,
                               coalesce(percentile_disc(0.95) within group (order by n), 0) as p95,
                               coalesce(max(n), 0) as max
                        from (select length(content ->> 'text') + coalesce(length(content ->> 'text_pair'), 0) as n
                              from dataset_rows where dataset_id = ?) as lengths""").param(datasetId).query(TextLength.class).single();
        long repeated = jdbc.sql("""
                        select count(*) - count(distinct (md5(content ->> 'text'), md5(content ->> 'text_pair')))
                        from dataset_rows where dataset_id = ?""").param(datasetId).query(Long.class).single();
        return new View(labels, lengths, repeated);
    }
}
