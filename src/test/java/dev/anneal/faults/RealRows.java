package dev.anneal.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Parts of two public data sets as CSV: questions of trec6 and reviews of rt_polarity. */
record RealRows(Path data) {
    byte[] trec(int from, int rows) {
        StringBuilder csv = new StringBuilder("label,text\n");
        lines("trec6/TREC.train.all")
                .subList(from, from + rows)
                .forEach(line -> csv.append(line, 0, 1)
                        .append(',')
                        .append(quoted(line.substring(2)))
                        .append('\n'));
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    byte[] polarity(int from, int rows) {
        StringBuilder csv = new StringBuilder("text,label\n");
        for (String label : List.of("pos", "neg")) {
            lines("rt_polarity/rt-polarity." + label)
                    .subList(from, from + rows / 2)
                    .forEach(line ->
                            csv.append(quoted(line)).append(',').append(label).append('\n'));
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(data.resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
