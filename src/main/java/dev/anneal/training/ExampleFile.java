package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.transformer.Encoded;
import dev.anneal.transformer.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;

/** A JSONL file of rows {@code {"text", "text_pair", "label"}}, read a block of lines at a time. */
record ExampleFile(Path file) {
    private static final int BLOCK = 4096;

    private record Row(String text, String textPair, String label) {}

    private record Example(Encoded text, int label) {}

    /** All rows, tokenized by so many threads; none where there is no such file. */
    Examples read(Tokenizer tokenizer, List<String> labels, int threads) {
        if (!Files.exists(file)) {
            return Examples.NONE;
        }
        Map<String, Integer> numbers = new HashMap<>();
        labels.forEach(label -> numbers.put(label, numbers.size()));
        List<Example> examples = new ArrayList<>();
        ForkJoinPool pool = new ForkJoinPool(threads);
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (List<String> block = block(lines); !block.isEmpty(); block = block(lines)) {
                int first = examples.size() + 1;
                List<String> rows = block;
                examples.addAll(run(
                        pool,
                        () -> IntStream.range(0, rows.size())
                                .parallel()
                                .mapToObj(i -> example(rows.get(i), first + i, tokenizer, numbers))
                                .toList()));
            }
        } catch (IOException e) {
            throw new TrainingException("cannot read " + file.getFileName() + ": " + e.getMessage(), e);
        } finally {
            pool.shutdown();
        }
        return new Examples(
                examples.stream().map(Example::text).toList(),
                examples.stream().mapToInt(Example::label).toArray());
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
                    : new TrainingException(e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new TrainingException("interrupted", e);
        }
    }

    private Example example(String line, int number, Tokenizer tokenizer, Map<String, Integer> labels) {
        Row row = row(line, number);
        Integer label = labels.get(row.label());
        if (row.text() == null || label == null) {
            throw new TrainingException(file.getFileName() + " line " + number + ": "
                    + (row.text() == null ? "no text" : "unknown label '" + row.label() + "'"));
        }
        return new Example(tokenizer.encode(row.text(), row.textPair()), label);
    }

    private Row row(String line, int number) {
        try {
            return Json.read(line, Row.class);
        } catch (JacksonException e) {
            throw new TrainingException(file.getFileName() + " line " + number + ": " + e.getOriginalMessage(), e);
        }
    }

    /** The texts of a few rows, by their number from 0. */
    Map<Integer, String> texts(Set<Integer> numbers) throws IOException {
        Map<Integer, String> texts = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line; (line = lines.readLine()) != null; number++) {
                if (numbers.contains(number)) {
                    texts.put(number, row(line, number + 1).text());
                }
            }
        }
        return texts;
    }
}
