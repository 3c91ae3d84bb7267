package dev.anneal.training.task;

import dev.anneal.json.Json;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A JSONL file of rows, read a block of lines at a time. */
public record ExampleFile(Path file) {
    private static final int BLOCK = 4096;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /** Returns the examples of all rows, tokenized by so many threads; none if there is no such file. */
    public Examples read(TrainingTask task, int threads) {
        if (!Files.exists(file)) {
            return Examples.NONE;
        }
        List<Example> examples = new ArrayList<>();
        ForkJoinPool pool = new ForkJoinPool(threads);
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int read = 0;
            for (List<String> block = block(lines); !block.isEmpty(); block = block(lines)) {
                int first = read + 1;
                List<String> rows = block;
                run(
                                pool,
                                () -> IntStream.range(0, rows.size())
                                        .parallel()
                                        .mapToObj(i -> examples(rows.get(i), first + i, task))
                                        .toList())
                        .forEach(examples::addAll);
                read += rows.size();
            }
        } catch (IOException e) {
            throw new TrainingException("Cannot read " + file.getFileName() + ": " + e.getMessage(), e);
        } finally {
            pool.shutdown();
        }
        return new Examples(List.copyOf(examples));
    }

    /** Gives each row to a consumer, in the order of the file; does nothing if there is no such file. */
    void forEach(Consumer<JsonNode> consumer) {
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

    private static List<String> block(BufferedReader lines) throws IOException {
        List<String> block = new ArrayList<>(BLOCK);
        for (String line; block.size() < BLOCK && (line = lines.readLine()) != null; ) {
            block.add(line);
        }
        return block;
    }

    private static <T> T run(ForkJoinPool pool, Callable<T> work) {
        try {
            return pool.submit(work).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof TrainingException problem
                    ? problem
                    : new TrainingException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            throw new TrainingException("Interrupted.", e);
        }
    }

    private List<Example> examples(String line, int number, TrainingTask task) {
        JsonNode row;
        try {
            row = Json.MAPPER.readTree(line);
        } catch (JacksonException e) {
            throw new TrainingException(file.getFileName() + " line " + number + ": " + Json.reason(e), e);
        }
        try {
            return task.examples(row);
        } catch (TrainingException | ModelException e) {
            String split = file.getFileName().toString().replace(".jsonl", "");
            String place = row.has(WorkFiles.ROW)
                    ? "Row " + row.path(WorkFiles.ROW).asLong() + " of the dataset (split " + split + ")"
                    : file.getFileName() + " line " + number;
            throw new TrainingException(place + ": " + e.getMessage(), e);
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
