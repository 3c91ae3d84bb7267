package dev.anneal.dataset.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.anneal.dataset.generated.Mutations;
import dev.anneal.dataset.unpack.UnpackLimit;
import dev.anneal.web.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random bytes, and files of each format with some bytes changed, cut off or repeated. Whatever a file contains, it is read, or
 * refused with a problem.
 */
@Timeout(300)
class BrokenFilesTest {
    private static final Path FILES = Path.of("src/test/resources/datasets");
    private static final String CSV = "text,label\r\n\"good, \"\"very\"\"\",a\r\ncafé,b\r\n".repeat(20);
    private static final String JSONL =
            "{\"text\":\"a b\",\"label\":\"x\"}\n{\"text\":\"\\u00e9\",\"label\":\"y\"}\n".repeat(20);
    private static final int TRIES = 150;

    @TempDir
    static Path directory;

    static Stream<String> formats() throws IOException {
        return files().keySet().stream();
    }

    private static Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("x.csv", utf8(CSV));
        files.put("semicolons.csv", utf8("sep=;\n" + CSV.replace(',', ';')));
        files.put("utf16.csv", ("\ufeff" + CSV).getBytes(StandardCharsets.UTF_16LE));
        files.put("x.tsv", utf8(CSV.replace(',', '\t')));
        files.put("x.jsonl", utf8(JSONL));
        files.put("x.json", utf8("[" + JSONL.strip().replace("\n", ",\n") + "]"));
        files.put("x.conll", utf8("EU\tB-ORG\nsays\tO\n\n".repeat(20)));
        files.put(
                "chat.jsonl",
                utf8("{\"messages\":[{\"from\":\"human\",\"value\":\"a\"},{\"from\":\"gpt\",\"value\":\"b\"}]}\n"
                        .repeat(9)));
        files.put("x.csv.gz", gzip(utf8(CSV)));
        files.put("x.csv.zst", Zstd.compress(utf8(CSV)));
        files.put("folders.zip", zip("pos/1.txt", "good", "neg/1.txt", "bad", "train/x/2.txt", "c"));
        files.put("files.zip", zip("train.csv", CSV, "test.jsonl", JSONL));
        for (String name : List.of(
                "snappy.parquet",
                "plain-v2.parquet",
                "gzip.parquet",
                "lz4.parquet",
                "zstd-delta.parquet",
                "workbook.xlsx")) {
            files.put(name, Files.readAllBytes(FILES.resolve(name)));
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aChangedFileIsReadOrRefused(String name) throws IOException {
        byte[] whole = files().get(name);
        read(name, whole);
        Random random = new Random(name.hashCode());
        for (int i = 0; i < TRIES; i++) {
            read(name, Mutations.changed(whole, random));
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).as("temporary files that are left").isEmpty();
        }
    }

    @Test
    void randomBytesAreReadOrRefused() throws IOException {
        Random random = new Random(7);
        List<String> starts = List.of(
                "",
                "PAR1",
                "PK\3\4",
                "PK\5\6",
                "\37\u008b\b",
                "\u0028\u00b5\u002f\u00fd",
                "{",
                "[{",
                "\u00ff\u00fe",
                "sep=;\n");
        for (String name : List.of(
                "x",
                "x.csv",
                "x.json",
                "x.jsonl",
                "x.conll",
                "x.txt",
                "x.tsv",
                "x.parquet",
                "x.xlsx",
                "x.zip",
                "x.gz")) {
            for (String start : starts) {
                for (int i = 0; i < 6; i++) {
                    byte[] bytes = new byte[random.nextInt(i < 3 ? 64 : 5_000)];
                    random.nextBytes(bytes);
                    ByteArrayOutputStream file = new ByteArrayOutputStream();
                    file.writeBytes(start.getBytes(StandardCharsets.ISO_8859_1));
                    file.writeBytes(bytes);
                    read(name, file.toByteArray());
                }
            }
        }
    }

    /** A pattern that tries each beginning of a million digits would take hours. */
    @Test
    @Timeout(60)
    void aScoreOfAMillionDigitsIsReadOrRefused() throws IOException {
        read("x.csv", utf8("text,score\nx," + "1".repeat(1_000_000) + "z\n"));
    }

    private static void read(String name, byte[] bytes) throws IOException {
        ParserLimits limits = new ParserLimits(10_000, new UnpackLimit(64 << 20, 100), directory);
        UploadRequest request = UploadRequest.of(name, Map.of());
        UploadedFile file = new UploadedFile(name, null, () -> new ByteArrayInputStream(bytes));
        try {
            DatasetParser.parse(List.of(file), request, limits, row -> {});
        } catch (Problem refused) {
            assertThat(refused.status().is4xxClientError()).isTrue();
            assertThat(refused.getMessage()).doesNotContain("Exception", "java.", "null");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] zip(String... namesAndTexts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
                zip.write(utf8(namesAndTexts[i + 1]));
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
