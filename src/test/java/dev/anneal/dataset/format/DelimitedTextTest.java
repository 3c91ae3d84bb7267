package dev.anneal.dataset.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelimitedTextTest {
    /** Compares with Commons CSV, which reads characters one by one, for texts that are mostly special characters. */
    @ParameterizedTest
    @ValueSource(chars = {',', '\t', ';', ' '})
    void recordsAndTheirLinesAreThoseOfCommonsCsv(char delimiter) throws IOException {
        Random random = new Random(delimiter);
        int complete = 0;
        for (int i = 0; i < 20_000; i++) {
            boolean quotes = i % 4 != 0;
            String text = text(random, delimiter);
            List<String> expected = ofCommonsCsv(text, delimiter, quotes);

            assertThat(ours(text, delimiter, quotes)).as(text).isEqualTo(expected);
            complete += expected.contains("unreadable") ? 0 : 1;
        }
        assertThat(complete).isBetween(8_000, 19_000);
    }

    @Test
    void fieldsOfAnyLengthAreReadAcrossBuffers() throws IOException {
        StringBuilder text = new StringBuilder();
        List<String> expected = new ArrayList<>();
        int line = 1;
        for (int length = 8_150; length < 8_250; length++) {
            String field = "x".repeat(length);
            text.append("\"").append(field).append("\"\"\r\n\",\"\"\r\n");
            expected.add("%d-%d %s".formatted(line, line + 1, List.of(field + "\"\r\n", "")));
            line += 2;
            text.append(field).append(",y\n");
            expected.add("%d-%d %s".formatted(line, line, List.of(field, "y")));
            line++;
        }

        assertThat(ours(text.toString(), ',', true)).isEqualTo(expected);
    }

    private static String text(Random random, char delimiter) {
        String characters = delimiter + "\"\"\n\r a\u00e4\ud83d";
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(24); length > 0; length--) {
            int kind = random.nextInt(12);
            if (kind == 0) {
                text.append("\"a").append(delimiter).append("\"\"\r\n\"").append(delimiter);
            } else if (kind == 1) {
                text.append("\r\n");
            } else {
                text.append(characters.charAt(random.nextInt(characters.length())));
            }
        }
        return text.toString();
    }

    /** Returns a reader that returns few characters at once. */
    private static Reader slow(String text) {
        return new StringReader(text) {
            @Override
            public int read(char[] target, int offset, int length) throws IOException {
                return super.read(target, offset, Math.min(length, 1 + text.length() % 5));
            }
        };
    }

    private static List<String> ours(String text, char delimiter, boolean quotes) throws IOException {
        List<String> records = new ArrayList<>();
        DelimitedText read =
                new DelimitedText(text.length() < 100 ? slow(text) : new StringReader(text), delimiter, quotes);
        try {
            for (List<String> fields = read.next(); fields != null; fields = read.next()) {
                records.add("%d-%d %s".formatted(read.firstLine(), read.lastLine(), fields));
            }
        } catch (UnreadableRow e) {
            records.add("unreadable");
        }
        return records;
    }

    private static List<String> ofCommonsCsv(String text, char delimiter, boolean quotes) throws IOException {
        List<String> records = new ArrayList<>();
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setIgnoreEmptyLines(false)
                .setDelimiter(delimiter)
                .setQuote(quotes ? '"' : null)
                .get();
        try (CSVParser parser = CSVParser.builder()
                .setReader(new StringReader(text))
                .setFormat(format)
                .get()) {
            long before = 0;
            for (CSVRecord fields : parser) {
                records.add("%d-%d %s".formatted(before + 1, parser.getCurrentLineNumber(), fields.toList()));
                before = parser.getCurrentLineNumber();
            }
        } catch (UncheckedIOException e) {
            records.add("unreadable");
        }
        return records;
    }
}
