package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Files that are compressed with gzip or zstd. */
@ServerTest
@TestPropertySource(properties = "anneal.upload.max-unpacked-size=30MB")
class CompressedUploadTest {
    /** Leaves out the search that takes the most time, which begins before a file is known to be refused. */
    private static final String QUICK = "{\"near_duplicates\":false}";

    private static final String ROWS = "text,label\ngood,a\nfine,a\nbad,b\nawful,b\n";

    @Autowired
    Api api;

    private Uploads uploads;

    @BeforeEach
    void uploads() {
        uploads = new Uploads(api);
    }

    @Test
    void compressedFilesAreReadAndTheirFormatIsThatOfTheNameWithoutTheSuffix() {
        JsonNode gzip = uploads.good("r.tsv.gz", gzip(ROWS.replace(',', '\t').getBytes(UTF_8)));
        JsonNode zstd = uploads.good("r.csv.zst", Zstd.compress(ROWS.getBytes(UTF_8)));
        JsonNode unnamed = uploads.good(
                "upload",
                gzip("{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":2}\n".getBytes(UTF_8)),
                "columns",
                "{\"score\":\"label\"}",
                "task",
                "text-regression",
                "split",
                "{}");

        assertThat(gzip.get("format").asString()).isEqualTo("tsv");
        assertThat(gzip.get("files").get(0).get("compression").asString()).isEqualTo("gzip");
        assertThat(zstd.get("files").get(0).get("compression").asString()).isEqualTo("zstd");
        assertThat(uploads.rows(zstd)).isEqualTo(uploads.rows(gzip)).hasSize(4);
        assertThat(unnamed.get("format").asString()).isEqualTo("jsonl");
    }

    @Test
    void severalMembersOfAFileAreReadOneAfterAnother() throws IOException {
        byte[] first = ROWS.substring(0, 20).getBytes(UTF_8);
        byte[] second = ROWS.substring(20).getBytes(UTF_8);
        ByteArrayOutputStream gzips = new ByteArrayOutputStream();
        gzips.write(gzip(first));
        gzips.write(gzip(second));
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.write(Zstd.compress(first));
        frames.write(Zstd.compress(second));

        assertThat(uploads.good("r.csv.gz", gzips.toByteArray())
                        .get("row_count")
                        .asInt())
                .isEqualTo(4);
        assertThat(uploads.good("r.csv.zst", frames.toByteArray())
                        .get("row_count")
                        .asInt())
                .isEqualTo(4);
    }

    @Test
    void aBombIsRefusedByItsRatioOrItsSize() {
        byte[] gzip = packed(GZIPOutputStream::new, 29);
        byte[] zstd = packed(ZstdOutputStream::new, 29);

        for (Answer refused : new Answer[] {
            uploads.send("b.csv.gz", gzip, "checks", QUICK),
            uploads.send("b.csv.zst", zstd),
            uploads.send("b.txt.gz", gzip, "task", "causal-lm", "checks", QUICK)
        }) {
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.code()).isEqualTo("compression_ratio");
        }
        Answer large = uploads.send("b.csv.gz", packed(LowRatio::new, 40), "checks", QUICK);
        assertThat(large.code()).isEqualTo("unpacks_to_too_much");
        assertThat(large.detail()).contains("anneal.upload.max-unpacked-size");
    }

    @Test
    void aDamagedFileIsRefused() {
        byte[] gzip = gzip(ROWS.repeat(100).getBytes(UTF_8));
        byte[] zstd = Zstd.compress(ROWS.repeat(100).getBytes(UTF_8));
        for (byte[] whole : new byte[][] {gzip, zstd}) {
            byte[] flipped = whole.clone();
            flipped[flipped.length - 6] ^= 0x55;
            for (byte[] damaged : new byte[][] {
                Arrays.copyOf(whole, 6),
                Arrays.copyOf(whole, whole.length / 2),
                Arrays.copyOf(whole, whole.length - 2),
                flipped
            }) {
                Answer refused = uploads.send("d.csv", damaged);

                assertThat(refused.status()).as("%s", refused.json()).isEqualTo(422);
                assertThat(refused.code()).isEqualTo("corrupt_file");
            }
        }
    }

    @Test
    void aFileThatNeedsALargeWindowIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream out = new ZstdOutputStream(bytes).setLong(27)) {
            out.write(ROWS.getBytes(UTF_8));
        }

        Answer refused = api.upload("w.csv.zst", bytes.toByteArray(), Map.of());
        assertThat(refused.code()).isEqualTo("corrupt_file");
        assertThat(refused.detail()).contains("window of more than 16 MB");
    }

    private interface Packer {
        OutputStream open(OutputStream out) throws IOException;
    }

    /** A gzip stream without any compression. */
    private static final class LowRatio extends GZIPOutputStream {
        LowRatio(OutputStream out) throws IOException {
            super(out);
            def.setLevel(0);
        }
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Packs so many megabytes of short rows that repeat. */
    private static byte[] packed(Packer packer, int megabytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packer.open(bytes)) {
            out.write("text,label\n".getBytes(UTF_8));
            byte[] rows = ("good ".repeat(200) + ",a\n" + "bad ".repeat(200) + ",b\n")
                    .repeat(500)
                    .getBytes(UTF_8);
            for (long n = 0; n < (long) megabytes << 20; n += rows.length) {
                out.write(rows);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
