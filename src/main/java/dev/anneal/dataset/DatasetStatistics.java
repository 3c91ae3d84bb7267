package dev.anneal.dataset;

import jakarta.annotation.PreDestroy;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Statistics of a dataset's rows: labels per split, lengths, scores and repeated texts. Computed in Postgres. */
@Component
class DatasetStatistics {
    record LabelSplits(String name, long train, long validation, long test) {}

    record Lengths(long min, double mean, long p50, long p95, long max) {}

    record Score(double min, double mean, double max) {}

    record View(
            List<LabelSplits> labels,
            Lengths textLength,
            @Nullable Score score,
            long repeatedTexts) {}

    /** SQL for the length of all texts of a row. Tokens count as if separated by a space. */
    private static final String LENGTH = """
            coalesce(length(content ->> 'text'), 0) + coalesce(length(content ->> 'text_pair'), 0)
            + coalesce(length(content ->> 'prompt'), 0) + coalesce(length(content ->> 'completion'), 0)
            + coalesce((select sum(length(token)) + count(*) - 1
                        from jsonb_array_elements_text(content -> 'tokens') as token), 0)
            + coalesce((select sum(length(message ->> 'content'))
                        from jsonb_array_elements(content -> 'messages') as message), 0)""";

    private static final int CACHED = 200;

    /** The most datasets whose statistics are computed at once, each with a connection. The workers need some, too. */
    private static final int PARALLEL = 4;

    private final JdbcClient jdbc;
    /** The most recently used results, which stay valid because rows never change, and those that are being computed. */
    private final Map<String, CompletableFuture<View>> cache = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<View>> eldest) {
            return size() > CACHED;
        }
    };

    /** The last computation of each project that has one. */
    private final Map<String, CompletableFuture<View>> last = new HashMap<>();

    private final ExecutorService threads = Executors.newFixedThreadPool(PARALLEL, task -> {
        Thread thread = new Thread(task, "statistics");
        thread.setDaemon(true);
        return thread;
    });

    DatasetStatistics(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Returns the statistics once they are computed, which takes long for a large dataset: no thread of a request waits. Of a
     * project, one dataset is computed at a time.
     */
    synchronized CompletableFuture<View> of(String datasetId, String project) {
        CompletableFuture<View> known = cache.get(datasetId);
        if (known != null && !known.isCompletedExceptionally()) {
            return known;
        }
        CompletableFuture<View> before = last.getOrDefault(project, CompletableFuture.completedFuture(null));
        CompletableFuture<View> view = before.handleAsync((ignored, failure) -> compute(datasetId), threads);
        cache.put(datasetId, view);
        last.put(project, view);
        view.whenComplete((result, failure) -> forget(project, view));
        return view;
    }

    private synchronized void forget(String project, CompletableFuture<View> ended) {
        last.remove(project, ended);
    }

    @PreDestroy
    void close() {
        threads.shutdownNow();
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
