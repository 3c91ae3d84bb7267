package dev.anneal.dataset.statistics;

import dev.anneal.dataset.Dataset;
import dev.anneal.dataset.rows.RowParts;
import dev.anneal.dataset.rows.RowsByNumber;
import dev.anneal.dataset.statistics.RowTokenizer.Counted;
import dev.anneal.dataset.statistics.RowTokenizer.Job;
import dev.anneal.json.Json;
import jakarta.annotation.PreDestroy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tokens of a random sample of a dataset's rows, as a job with a base model has them. They are counted once, without a
 * greatest length, and serve every {@code max_length}. A part of the sample is in memory at a time.
 */
@Component
public class TokenStatistics {
    /**
     * The part of a sample that is longer than a job takes.
     *
     * @param rows the rows of the sample
     */
    public record Beyond(long rows, double rowShareBeyond, double tokenShareBeyond) {}

    static final int ROWS = 10_000;
    /** The rows that answer at once. */
    private static final int FIRST_ROWS = 500;

    private static final long BYTES = 10L << 20;
    private static final int PART_ROWS = 500;
    private static final long PART_BYTES = 1L << 20;
    /** A row with more characters is not tokenized, because that could take all memory of a model host. */
    private static final int MOST_CHARACTERS = 1_000_000;

    private static final String TOO_LONG =
            "Rows with more than %,d characters are not tokenized for statistics.".formatted(MOST_CHARACTERS);
    private static final int CACHED = 200;
    private static final long SEED = 42;
    private static final double LOSS = 0.01;
    private static final int STEP = 8;

    /** The lengths of the rows of a sample, in ascending order, and what else is counted of it. */
    private record Sample(
            int[] lengths,
            boolean isSample,
            long words,
            long unknown,
            long refused,
            @Nullable String reason) {
        long tokens() {
            return Arrays.stream(lengths).asLongStream().sum();
        }

        long rowsBeyond(int maxLength) {
            return Arrays.stream(lengths).filter(length -> length > maxLength).count();
        }

        long beyond(int maxLength) {
            return Arrays.stream(lengths)
                    .asLongStream()
                    .map(length -> Math.max(0, length - maxLength))
                    .sum();
        }
    }

    private final RowsByNumber numbered;
    private final OncePerProject<Sample> samples = new OncePerProject<>(CACHED);
    private final OncePerProject<Sample> firstRows = new OncePerProject<>(CACHED);
    private final ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "token-statistics");
        thread.setDaemon(true);
        return thread;
    });

    TokenStatistics(RowsByNumber numbered) {
        this.numbered = numbered;
    }

    @PreDestroy
    void close() {
        threads.shutdownNow();
    }

    /**
     * Returns the statistics once the tokens are counted.
     *
     * @param maxLength null for the most that the model takes
     */
    CompletableFuture<StatisticsView.Tokens> of(Dataset dataset, Job job, @Nullable Integer maxLength, String project) {
        return samples.get(key(dataset, job), project, () -> new Count(dataset.getId(), job, ROWS).start())
                .thenApply(sample -> view(job, sample, maxLength == null ? job.modelMaxLength() : maxLength));
    }

    /** Returns how much of the rows a job would lose, by the whole sample if it is counted already, else by its first rows. */
    public CompletableFuture<Beyond> beyond(Dataset dataset, Job job, int maxLength, String project) {
        CompletableFuture<Sample> known = samples.known(key(dataset, job));
        return (known != null
                        ? known
                        : firstRows.get(
                                key(dataset, job), project, () -> new Count(dataset.getId(), job, FIRST_ROWS).start()))
                .thenApply(sample -> new Beyond(
                        sample.lengths().length,
                        share(sample.rowsBeyond(maxLength), sample.lengths().length),
                        share(sample.beyond(maxLength), sample.tokens())));
    }

    private static String key(Dataset dataset, Job job) {
        return dataset.getId() + " " + job.model() + " " + job.task() + " " + job.options();
    }

    private static StatisticsView.Tokens view(Job job, Sample sample, int maxLength) {
        long rows = sample.lengths().length;
        long tokens = sample.tokens();
        long rowsBeyond = sample.rowsBeyond(maxLength);
        long tokensBeyond = sample.beyond(maxLength);
        return new StatisticsView.Tokens(
                job.baseModel(),
                job.task(),
                rows,
                sample.isSample(),
                Lengths.of(sample.lengths()),
                maxLength,
                job.modelMaxLength(),
                job.isTruncating() ? "truncate" : "split",
                rowsBeyond,
                share(rowsBeyond, rows),
                tokensBeyond,
                share(tokensBeyond, tokens),
                suggested(sample, job.modelMaxLength()),
                share(tokens, sample.words()),
                sample.unknown(),
                share(sample.unknown(), tokens),
                sample.refused(),
                sample.reason());
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /** Returns the least multiple of 8 beyond which less than 1 % of the tokens are; null if it is more than the model takes. */
    static @Nullable Integer suggested(int[] lengths, int most) {
        return suggested(new Sample(lengths, false, 0, 0, 0, null), most);
    }

    private static @Nullable Integer suggested(Sample sample, int most) {
        long tokens = sample.tokens();
        int low = 1; // in steps
        int high = most / STEP;
        if (high < low || sample.beyond(high * STEP) >= Math.max(1, LOSS * tokens)) {
            return null;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sample.beyond(middle * STEP) >= Math.max(1, LOSS * tokens)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low * STEP;
    }

    /** Counts the tokens of a sample, a part after the other. No thread waits for the model host. */
    private final class Count {
        private final String datasetId;
        private final Job job;
        private final int most;
        private final List<Integer> lengths = new ArrayList<>();
        private final RowParts parts = new RowParts(PART_ROWS);
        private List<Long> numbers = List.of();
        private int next;
        private long bytes;
        private long words;
        private long unknown;
        private long refused;
        private @Nullable String reason;

        Count(String datasetId, Job job, int most) {
            this.datasetId = datasetId;
            this.job = job;
            this.most = most;
        }

        CompletableFuture<Sample> start() {
            return CompletableFuture.supplyAsync(
                            () -> {
                                numbers = numbered.draw(datasetId, null, most + 1, SEED);
                                return 0;
                            },
                            threads)
                    .thenComposeAsync(begun -> proceed(), threads);
        }

        private CompletableFuture<Sample> proceed() {
            int rows = Math.min(numbers.size(), most);
            List<Long> part = numbers.subList(next, Math.max(next, Math.min(rows, next + parts.size())));
            List<RowsByNumber.Picked> read =
                    part.isEmpty() || bytes >= BYTES ? List.of() : numbered.read(datasetId, part, PART_BYTES);
            if (read.isEmpty()) {
                int[] sorted =
                        lengths.stream().mapToInt(length -> length).sorted().toArray();
                return CompletableFuture.completedFuture(
                        new Sample(sorted, next < numbers.size(), words, unknown, refused, reason));
            }
            List<JsonNode> contents = new ArrayList<>();
            long characters = 0;
            for (RowsByNumber.Picked row : read) {
                bytes += row.bytes();
                if (row.content().length() > MOST_CHARACTERS) {
                    refused++;
                    reason = reason == null ? TOO_LONG : reason;
                } else {
                    ObjectNode content = (ObjectNode) Json.MAPPER.readTree(row.content());
                    contents.add(content.put("row", row.number()));
                    characters += row.content().length();
                }
            }
            parts.read(read.size(), part.size());
            next += read.size();
            if (contents.isEmpty()) {
                return CompletableFuture.completedFuture(0).thenComposeAsync(nothing -> proceed(), threads);
            }
            return job.count(contents, characters)
                    .thenComposeAsync(
                            counted -> {
                                add(contents, counted);
                                return proceed();
                            },
                            threads);
        }

        private void add(List<JsonNode> rows, Counted counted) {
            for (int i = 0; i < rows.size(); i++) {
                int length = counted.lengths().get(i);
                if (length < 0) {
                    refused++;
                } else {
                    lengths.add(length);
                    words += Words.count(Words.text(rows.get(i)));
                }
            }
            unknown += counted.unknown();
            reason = reason == null ? counted.reason() : reason;
        }
    }
}
