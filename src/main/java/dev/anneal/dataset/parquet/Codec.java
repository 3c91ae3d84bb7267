package dev.anneal.dataset.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** Decompresses pages. */
final class Codec {
    private Codec() {}

    /** Returns the decompressed bytes, of which there must be exactly {@code size}. */
    static byte[] decompress(int codec, byte[] packed, int from, int size) throws ParquetException {
        try {
            byte[] bytes = switch (codec) {
                case 0 -> java.util.Arrays.copyOfRange(packed, from, packed.length);
                case 1 -> snappy(packed, from, size);
                case 2 -> {
                    try (GZIPInputStream in =
                            new GZIPInputStream(new ByteArrayInputStream(packed, from, packed.length - from))) {
                        yield in.readNBytes(size);
                    }
                }
                case 6 -> zstd(packed, from, size);
                case 7 -> lz4(packed, from, size);
                default ->
                    throw new ParquetException(
                            "it is compressed with a method that is not supported; use snappy, gzip, zstd or lz4_raw");
            };
            if (bytes.length != size) {
                throw damaged();
            }
            return bytes;
        } catch (ParquetException e) {
            throw e;
        } catch (IOException | IndexOutOfBoundsException | ZstdException e) {
            throw damaged();
        }
    }

    private static ParquetException damaged() {
        return new ParquetException("a page cannot be decompressed");
    }

    private static byte[] zstd(byte[] packed, int from, int size) throws ParquetException {
        byte[] bytes = new byte[size];
        long written = Zstd.decompressByteArray(bytes, 0, size, packed, from, packed.length - from);
        if (Zstd.isError(written) || written != size) {
            throw damaged();
        }
        return bytes;
    }

    /** Decompresses a block of Snappy: its size, then literals and copies of what is before. */
    private static byte[] snappy(byte[] packed, int from, int size) throws ParquetException {
        int in = from;
        while (packed[in++] < 0) {
            // the size, which the page's header has, too
        }
        byte[] bytes = new byte[size];
        int out = 0;
        while (in < packed.length) {
            int tag = packed[in++] & 0xFF;
            int length = tag >>> 2;
            int offset;
            switch (tag & 3) {
                case 0 -> {
                    int more = length < 60 ? 0 : length - 59;
                    length = more == 0 ? length : little(packed, in, more);
                    in += more;
                    out = copy(packed, in, bytes, out, length + 1);
                    in += length + 1;
                    continue;
                }
                case 1 -> {
                    length = (length & 7) + 4;
                    offset = tag >>> 5 << 8 | packed[in++] & 0xFF;
                }
                case 2 -> {
                    length++;
                    offset = little(packed, in, 2);
                    in += 2;
                }
                default -> {
                    length++;
                    offset = little(packed, in, 4);
                    in += 4;
                }
            }
            out = repeat(bytes, out, offset, length);
        }
        if (out != size) {
            throw damaged();
        }
        return bytes;
    }

    /** Decompresses a block of LZ4. */
    private static byte[] lz4(byte[] packed, int from, int size) throws ParquetException {
        byte[] bytes = new byte[size];
        int in = from;
        int out = 0;
        while (in < packed.length) {
            int token = packed[in++] & 0xFF;
            int literals = token >>> 4;
            if (literals == 15) {
                int more;
                do {
                    more = packed[in++] & 0xFF;
                    literals += more;
                } while (more == 255);
            }
            out = copy(packed, in, bytes, out, literals);
            in += literals;
            if (in == packed.length) {
                break;
            }
            int offset = little(packed, in, 2);
            in += 2;
            int length = (token & 15) + 4;
            if (length == 19) {
                int more;
                do {
                    more = packed[in++] & 0xFF;
                    length += more;
                } while (more == 255);
            }
            out = repeat(bytes, out, offset, length);
        }
        if (out != size) {
            throw damaged();
        }
        return bytes;
    }

    private static int little(byte[] bytes, int from, int count) {
        int number = 0;
        for (int i = 0; i < count; i++) {
            number |= (bytes[from + i] & 0xFF) << 8 * i;
        }
        return number;
    }

    private static int copy(byte[] from, int at, byte[] to, int out, int length) {
        System.arraycopy(from, at, to, out, length);
        return out + length;
    }

    private static int repeat(byte[] bytes, int out, int offset, int length) throws ParquetException {
        if (offset <= 0 || offset > out || length < 0 || length > bytes.length - out) {
            throw damaged();
        }
        for (int i = 0; i < length; i++) {
            bytes[out + i] = bytes[out + i - offset];
        }
        return out + length;
    }
}
