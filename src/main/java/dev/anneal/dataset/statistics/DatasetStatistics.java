package dev.anneal.dataset.statistics;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.DatasetRows;
import dev.anneal.dataset.format.Tags;
import dev.anneal.dataset.problem.RowProblems;
import dev.anneal.dataset.rows.RowParts;
import dev.anneal.dataset.rows.RowsByNumber;
import dev.anneal.json.Json;
import dev.anneal.text.Cut;
import jakarta.annotation.PreDestroy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Statistics of a dataset's rows. Labels, lengths, scores and repeated texts are computed in Postgres, of all rows. Words are
 * counted here, of a random sample if there are many rows.
 */
@Component
class DatasetStatistics {
    /** SQL for the length of all texts of a row. Tokens count as if separated by a space. */
    private static final String LENGTH = """
            (coalesce(length(content ->> 'text'), 0) + coalesce(length(content ->> 'text_pair'), 0)
            + coalesce(length(content ->> 'prompt'), 0) + coalesce(length(content ->> 'completion'), 0)
            + coalesce((select sum(length(token)) + count(*) - 1
                        from jsonb_array_elements_text(content -> 'tokens') as token), 0)
            + coalesce((select sum(length(message ->> 'content'))
                        from jsonb_array_elements(content -> 'messages') as message), 0))::bigint""";

    private static final int CACHED = 200;

    /** The most datasets whose statistics are computed at once, each with a connection. The workers need some, too. */
    private static final int PARALLEL = 4;

    /** The most training rows whose words are remembered, and the first ones of these whose terms are counted. */
    static final int TRAIN_ROWS = 200_000;

    static final int TERM_ROWS = 20_000;
    static final int EVALUATION_ROWS = 50_000;
    private static final long MOST_BYTES = 100L << 20;
    private static final int PART_ROWS = 500;
    private static final long PART_BYTES = 2L << 20;
    /** The start of a text that terms are taken from. */
    private static final int TERM_CHARACTERS = 2_000;

    private static final int LABELS_OF_ROW = 10;

    private static final long SEED = 42;

    private final JdbcClient jdbc;
    private final RowsByNumber numbered;
    private final OncePerProject<StatisticsView> results = new OncePerProject<>(CACHED);

    private final ExecutorService threads = Executors.newFixedThreadPool(PARALLEL, task -> {
        Thread thread = new Thread(task, "statistics");
        thread.setDaemon(true);
        return thread;
    });

    DatasetStatistics(JdbcClient jdbc, RowsByNumber numbered) {
        this.jdbc = jdbc;
        this.numbered = numbered;
    }

    /** Returns the statistics once they are computed, which takes long for a large dataset: no thread of a request waits. */
    CompletableFuture<StatisticsView> of(Dataset dataset, String project) {
        return results.get(
                dataset.getId(), project, () -> CompletableFuture.supplyAsync(() -> compute(dataset), threads));
    }

    @PreDestroy
    void close() {
        threads.shutdownNow();
    }

    private StatisticsView compute(Dataset dataset) {
        String id = dataset.getId();
        LabelTerms terms = new LabelTerms();
        long[] trainRows = new long[2];
        WordFilter known = new WordFilter();
        trainRows[1] = visit(id, List.of("train"), TRAIN_ROWS, row -> {
            Words.visit(Words.text(row), known::add);
            if (trainRows[0] < TERM_ROWS) {
                trainRows[0]++;
                terms(row).forEach(terms::add);
            }
        });
        long[] words = new long[2];
        long evaluationRows = visit(
                id,
                List.of("validation", "test"),
                EVALUATION_ROWS,
                row -> Words.visit(Words.text(row), word -> {
                    words[0]++;
                    words[1] += known.has(word) ? 0 : 1;
                }));
        return new StatisticsView(
                dataset.splits(),
                labels(id),
                lengths(id),
                score(id),
                repeated(id),
                repetitions(dataset),
                trainRows[1] == 0 || words[0] == 0
                        ? null
                        : new StatisticsView.Vocabulary(
                                trainRows[1], evaluationRows, words[0], words[1], (double) words[1] / words[0]),
                new StatisticsView.Terms(dataset.labels().isEmpty() ? 0 : trainRows[0], terms.top()),
                null);
    }

    private interface Visitor {
        void visit(JsonNode row);
    }

    /** Visits rows of splits, at most so many of each, drawn at random if there are more. Returns how many it visited. */
    private long visit(String datasetId, List<String> splits, int most, Visitor visitor) {
        long rows = 0;
        for (String split : splits) {
            List<Long> numbers = numbered.draw(datasetId, split, most, SEED);
            RowParts parts = new RowParts(PART_ROWS);
            long bytes = 0;
            for (int from = 0; from < numbers.size() && bytes < MOST_BYTES; ) {
                List<Long> part = numbers.subList(from, Math.min(numbers.size(), from + parts.size()));
                List<RowsByNumber.Picked> read = numbered.read(datasetId, part, PART_BYTES);
                if (read.isEmpty()) {
                    return rows; // the dataset was deleted
                }
                for (RowsByNumber.Picked row : read) {
                    visitor.visit(Json.MAPPER.readTree(row.content()));
                    bytes += row.bytes();
                    rows++;
                }
                parts.read(read.size(), part.size());
                from += read.size();
            }
        }
        return rows;
    }

    /** Returns the words and pairs of words of a row by label; for tagged words, the words by the type of their tag. */
    private static Map<String, Set<String>> terms(JsonNode row) {
        Map<String, Set<String>> terms = new LinkedHashMap<>();
        if (row.has("tags")) {
            for (int i = 0; i < row.path("tags").size(); i++) {
                String tag = row.path("tags").get(i).asString("O");
                if (!tag.equals("O")) {
                    terms.computeIfAbsent(Tags.type(tag), type -> new HashSet<>())
                            .addAll(Words.of(row.path("tokens").path(i).asString("")));
                }
            }
            return terms;
        }
        List<String> labels = row.has("label")
                ? List.of(row.path("label").asString(""))
                : row.path("labels").valueStream().map(JsonNode::asString).toList();
        if (!labels.isEmpty()) {
            String text = Words.text(row);
            List<String> words = Words.of(Cut.to(text, TERM_CHARACTERS));
            Set<String> found = new HashSet<>(words);
            for (int i = 1; i < words.size(); i++) {
                found.add(words.get(i - 1) + " " + words.get(i));
            }
            labels.stream().limit(LABELS_OF_ROW).forEach(label -> terms.put(label, found));
        }
        return terms;
    }

    private List<StatisticsView.LabelSplits> labels(String datasetId) {
        return jdbc.sql("""
                        select name,
                               count(*) filter (where split = 'train') as train,
                               count(*) filter (where split = 'validation') as validation,
                               count(*) filter (where split = 'test') as test
                        from dataset_rows, %s as name where dataset_id = ? and name is not null
                        group by name order by name collate "C\"""".formatted(DatasetRows.NAMES))
                .param(datasetId)
                .query(StatisticsView.LabelSplits.class)
                .list();
    }

    private record Summary(long min, double mean, long p50, long p95, long max) {}

    private record Bin(int bin, long count) {}

    private Lengths lengths(String datasetId) {
        Summary summary = jdbc.sql("""
                        select coalesce(min(n), 0) as min, coalesce(avg(n), 0)::float8 as mean,
                               coalesce(percentile_disc(0.5) within group (order by n), 0) as p50,
                               coalesce(percentile_disc(0.95) within group (order by n), 0) as p95,
                               coalesce(max(n), 0) as max
                        from (select %s as n from dataset_rows where dataset_id = ?) as lengths""".formatted(LENGTH))
                .param(datasetId)
                .query(Summary.class)
                .single();
        long[] counts = new long[Lengths.BOUNDS.length - 1];
        jdbc.sql(
                        "select width_bucket(%s, ?::bigint[]) as bin, count(*) as count from dataset_rows where dataset_id = ? group by 1"
                                .formatted(LENGTH))
                .param(Arrays.stream(Lengths.BOUNDS).boxed().toArray(Long[]::new))
                .param(datasetId)
                .query(Bin.class)
                .list()
                .forEach(bin -> counts[bin.bin() - 1] = bin.count());
        return new Lengths(
                summary.min(), summary.mean(), summary.p50(), summary.p95(), summary.max(), Lengths.bins(counts));
    }

    private StatisticsView.@Nullable Score score(String datasetId) {
        return jdbc.sql("""
                        select min(score) as min, avg(score) as mean, max(score) as max
                        from (select (content ->> 'score')::float8 as score from dataset_rows
                              where dataset_id = ?) as scores having count(score) > 0""")
                .param(datasetId)
                .query(StatisticsView.Score.class)
                .optional()
                .orElse(null);
    }

    private long repeated(String datasetId) {
        return jdbc.sql("""
                        select count(*) - count(distinct md5((content - '{label,labels,score,tags,group,time,kept}'::text[])::text))
                        from dataset_rows where dataset_id = ?""").param(datasetId).query(Long.class).single();
    }

    private static StatisticsView.Repetitions repetitions(Dataset dataset) {
        Map<String, Long> counts = new HashMap<>(dataset.problemCodes().stream()
                .collect(Collectors.toMap(RowProblems.CodeCount::code, RowProblems.CodeCount::count, Long::sum)));
        return new StatisticsView.Repetitions(
                counts.getOrDefault("duplicate", 0L),
                counts.getOrDefault("conflicting_label", 0L),
                counts.getOrDefault("near_duplicate", 0L),
                counts.getOrDefault("leakage", 0L),
                counts.getOrDefault("near_leakage", 0L));
    }
}
