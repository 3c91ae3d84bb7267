package dev.anneal.dataset.unpack;

import com.github.luben.zstd.ZstdInputStream;
import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The compressions that an uploaded file may have. The names of the constants are the names on the wire. */
public enum Compression {
    gzip(List.of("gz", "gzip"), 0x1F, 0x8B) {
        @Override
        InputStream open(InputStream in) throws IOException {
            return new GzipMembers(in);
        }
    },
    zstd(List.of("zst", "zstd"), 0x28, 0xB5, 0x2F, 0xFD) {
        @Override
        InputStream open(InputStream in) throws IOException {
            return new ZstdInputStream(in).setLongMax(MAX_WINDOW_LOG);
        }
    };

    /** Enough for what zstd writes unless it is asked for --ultra or --long; native memory of 16 MB. */
    private static final int MAX_WINDOW_LOG = 24;

    private final List<String> suffixes;
    private final int[] magic;

    Compression(List<String> suffixes, int... magic) {
        this.suffixes = suffixes;
        this.magic = magic;
    }

    /** Returns the compression of a file that begins so, if it has one. */
    public static Optional<Compression> of(byte[] start) {
        return Arrays.stream(values())
                .filter(compression -> Encoding.begins(start, compression.magic))
                .findFirst();
    }

    /** Returns the name of a file without the suffix of a compression: reviews.csv for reviews.csv.gz. */
    public static String uncompressed(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String suffix = fileName.substring(dot + 1).toLowerCase();
        return dot > 0 && Arrays.stream(values()).anyMatch(compression -> compression.suffixes.contains(suffix))
                ? fileName.substring(0, dot)
                : fileName;
    }

    abstract InputStream open(InputStream in) throws IOException;

    /** Decompresses a stream. A file that is corrupt, or that decompresses to too much, is a {@link Problem}. */
    public InputStream decompress(InputStream in, UnpackLimit limit) {
        CountedInput packed = new CountedInput(in);
        try {
            return new Unpacked(open(packed), packed, limit);
        } catch (IOException e) {
            throw packed.failed() ? new java.io.UncheckedIOException(e) : corrupt();
        }
    }

    private Problem corrupt() {
        return Problem.unprocessable(
                "corrupt_file",
                "The file cannot be decompressed as " + name()
                        + ": it is damaged or incomplete, or needs a window of more than 16 MB. Compress it again.");
    }

    /** The decompressed bytes. */
    private final class Unpacked extends InputStream {
        private final InputStream in;
        private final CountedInput packed;
        private final UnpackLimit limit;
        private long count;

        Unpacked(InputStream in, CountedInput packed, UnpackLimit limit) {
            this.in = in;
            this.packed = packed;
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            int n = read(one, 0, 1);
            return n < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int n;
            try {
                n = in.read(bytes, from, length);
            } catch (IOException | RuntimeException e) {
                if (packed.failed()) {
                    throw e;
                }
                throw corrupt();
            }
            count += Math.max(0, n);
            limit.check(count, packed.count());
            return n;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
