package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/** The file that {@link IngestBench} uploads. */
final class IngestFile {
    private static final List<String> LABELS = List.of("billing", "delivery", "praise", "question", "return", "other");

    private IngestFile() {}

    /** Writes texts of 4 to 20 words, of which a few are frequent, and the same file gzipped, unless both are there. */
    static void write(Path file, Path packed, long size) throws IOException {
        if (Files.exists(packed)) {
            return;
        }
        SplittableRandom random = new SplittableRandom(5);
        String[] words = words(random);
        try (Writer out = new BufferedWriter(new OutputStreamWriter(Files.newOutputStream(file), UTF_8), 1 << 16)) {
            out.write("text,label\n");
            StringBuilder row = new StringBuilder();
            for (long written = 11; written < size; written += row.length()) {
                row.setLength(0);
                boolean quoted = random.nextInt(4) == 0;
                row.append(quoted ? "\"" : "");
                for (int count = 4 + random.nextInt(17); count > 0; count--) {
                    double place = random.nextDouble();
                    row.append(words[(int) (place * place * place * words.length)]);
                    row.append(count == 1 ? "" : quoted && random.nextInt(6) == 0 ? ", " : " ");
                }
                row.append(quoted ? "\"" : "")
                        .append(',')
                        .append(LABELS.get(random.nextInt(LABELS.size())))
                        .append('\n');
                out.append(row);
            }
        }
        Path part = packed.resolveSibling("part.gz");
        try (InputStream in = Files.newInputStream(file);
                OutputStream out =
                        new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16), 1 << 16)) {
            in.transferTo(out);
        }
        Files.move(part, packed);
    }

    private static String[] words(SplittableRandom random) {
        String[] words = new String[30_000];
        for (int i = 0; i < words.length; i++) {
            StringBuilder word = new StringBuilder();
            for (int letters = 2 + random.nextInt(i < 200 ? 3 : 9); letters > 0; letters--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words[i] = word.toString();
        }
        return words;
    }
}
