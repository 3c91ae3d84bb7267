package dev.anneal.training.task;

import dev.anneal.files.RecordFileWriter;
import dev.anneal.json.Json;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A JSONL file of rows, read some lines at a time. */
public record ExampleFile(Path file) {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** Receives the number of rows that are tokenized so far, and the share of the file that they are. */
    public interface Tokenized {
        void rows(long rows, double share);
    }

    /** The examples of some lines. */
    private record Block(List<int[]> examples, ExampleTotals totals, int rows, int bytes) {}

    /** Thrown for a line of a block, counted from 0, that cannot be used. */
    private static final class LineException extends RuntimeException {
        private final int line;
        private final transient JsonNode row;
        private final RuntimeException problem;

        LineException(int line, JsonNode row, RuntimeException problem) {
            super(problem);
            this.line = line;
            this.row = row;
            this.problem = problem;
        }
    }

    /**
     * Writes the examples of all rows, tokenized by so many threads, in the order of the file.
     *
     * @return the facts about all of them
     */
    TokenizedRows.Note tokenize(TrainingTask task, int threads, RecordFileWriter out, Tokenized progress)
            throws IOException {
        ExampleTotals totals = ExampleTotals.NONE;
        long rows = 0;
        long bytes = 0;
        Deque<Future<Block>> pending = new ArrayDeque<>();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (InputStream in = Files.newInputStream(file)) {
            long size = Files.size(file);
            LineBlocks lines = new LineBlocks(in);
            byte[] next = lines.next();
            while (next != null || !pending.isEmpty()) {
                // This thread reads and writes while the others tokenize, so some blocks are ahead.
                while (next != null && pending.size() < 2 * threads) {
                    byte[] block = next;
                    pending.add(pool.submit(() -> block(block, task)));
                    next = lines.next();
                }
                Block done = await(pending.remove(), rows);
                for (int[] example : done.examples()) {
                    out.add(example);
                }
                totals = totals.plus(done.totals());
                rows += done.rows();
                bytes += done.bytes();
                progress.rows(rows, (double) bytes / size);
            }
        } finally {
            pool.shutdownNow();
        }
        return new TokenizedRows.Note(rows, totals, task.optionalFields());
    }

    private static Block block(byte[] lines, TrainingTask task) {
        List<int[]> examples = new ArrayList<>();
        ExampleTotals totals = ExampleTotals.NONE;
        int rows = 0;
        for (int from = 0; from < lines.length; rows++) {
            int to = from;
            while (to < lines.length && lines[to] != '\n') {
                to++;
            }
            for (Example example : examples(lines, from, to - from, rows, task)) {
                examples.add(ExampleCodec.encode(example));
                totals = totals.plus(ExampleTotals.of(example, task.count(example) > 0));
            }
            from = to + 1;
        }
        return new Block(examples, totals, rows, lines.length);
    }

    private static List<Example> examples(byte[] lines, int from, int length, int line, TrainingTask task) {
        JsonNode row = Json.MAPPER.missingNode();
        try {
            row = Json.MAPPER.readTree(lines, from, length);
            return task.examples(row);
        } catch (JacksonException | TrainingException | ModelException e) {
            throw new LineException(line, row, e);
        }
    }

    private Block await(Future<Block> block, long rowsBefore) {
        try {
            return block.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LineException at) {
                throw problem(at, rowsBefore + at.line + 1);
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new TrainingException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            throw new TrainingException("Interrupted.", e);
        }
    }

    private TrainingException problem(LineException at, long number) {
        String line = file.getFileName() + " line " + number + ": ";
        if (at.problem instanceof JacksonException json) {
            return new TrainingException(line + Json.reason(json), json);
        }
        String split = file.getFileName().toString().replace(".jsonl", "");
        return new TrainingException(
                (at.row.has(WorkFiles.ROW)
                                ? "Row " + at.row.path(WorkFiles.ROW).asLong() + " of the dataset (split " + split
                                        + "): "
                                : line)
                        + at.problem.getMessage(),
                at.problem);
    }

    /** Gives each row to a consumer, in the order of the file; does nothing if there is no such file. */
    public void forEach(Consumer<JsonNode> consumer) {
        if (!Files.exists(file)) {
            return;
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int number = 1;
            for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
                consumer.accept(row(line, number));
            }
        } catch (IOException e) {
            throw new TrainingException("Cannot read " + file.getFileName() + ": " + e.getMessage(), e);
        }
    }

    /** Returns a number of each of the first rows, as the file has it: that of an example is rounded to fp32. */
    double[] numbers(String field, int rows) {
        double[] numbers = new double[rows];
        int[] row = {0};
        forEach(json -> {
            if (row[0] < rows) {
                numbers[row[0]++] = json.path(field).asDouble();
            }
        });
        return numbers;
    }

    /** Returns a hash of the numbers of the rows, which are those of the dataset. */
    public String hashOfRowNumbers() {
        long[] hash = {FNV_OFFSET};
        forEach(row -> hash[0] = (hash[0] ^ row.path(WorkFiles.ROW).asLong()) * FNV_PRIME);
        return Long.toHexString(hash[0]);
    }

    private JsonNode row(String line, int number) {
        try {
            return Json.MAPPER.readTree(line);
        } catch (JacksonException e) {
            throw new TrainingException(file.getFileName() + " line " + number + ": " + Json.reason(e), e);
        }
    }

    /** Returns a field of a row, counted from 0, as text; the words of a list are joined by spaces. */
    String text(int number, String field) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.lines().skip(number).findFirst().orElseThrow();
            JsonNode value = Json.MAPPER.readTree(line).path(field);
            return value.isArray()
                    ? String.join(
                            " ",
                            value.valueStream().map(word -> word.asString("")).toList())
                    : value.asString("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
