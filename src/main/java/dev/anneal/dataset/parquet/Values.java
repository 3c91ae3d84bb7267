package dev.anneal.dataset.parquet;

import dev.anneal.dataset.parquet.Node.Kind;
import dev.anneal.json.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The values of a page, decoded one at a time. */
interface Values {
    int PLAIN = 0;
    int PLAIN_DICTIONARY = 2;
    int RLE = 3;
    int DELTA_BINARY_PACKED = 5;
    int DELTA_LENGTH_BYTE_ARRAY = 6;
    int DELTA_BYTE_ARRAY = 7;
    int RLE_DICTIONARY = 8;
    int BYTE_STREAM_SPLIT = 9;
    /** The bytes of the longest decimal number that is read as one. */
    int MAX_DECIMAL = 64;
    /** The number of the first day of 1970 if the days are counted from 4713 BC. */
    long JULIAN_1970 = 2_440_588;

    /** Returns the next value. It is null if it is bytes that are not text. */
    @Nullable
    JsonNode next() throws ParquetException;

    /** Decodes values that are written with an encoding, from a place in a page to its end. */
    static Values of(int encoding, Node leaf, byte[] page, int from, @Nullable Dictionary dictionary)
            throws ParquetException {
        switch (encoding) {
            case PLAIN:
                return plain(leaf, page, from);
            case PLAIN_DICTIONARY, RLE_DICTIONARY:
                if (dictionary == null || from >= page.length) {
                    throw new ParquetException("a page needs a dictionary, which is missing");
                }
                Runs indices = new Runs(page, from + 1, page.length, page[from]);
                return () -> dictionary.get(indices.next());
            case RLE:
                Runs flags = new Runs(page, from + 4, page.length, 1);
                return () -> Json.MAPPER.getNodeFactory().booleanNode(flags.next() == 1);
            case DELTA_BINARY_PACKED:
                Deltas numbers = new Deltas(page, from);
                return () -> number(leaf, leaf.type() == Node.INT32 ? (int) numbers.next() : numbers.next());
            case DELTA_LENGTH_BYTE_ARRAY:
                Texts texts = new Texts(page, from);
                return () -> {
                    int at = texts.advance();
                    return bytes(leaf, page, at, texts.length());
                };
            case DELTA_BYTE_ARRAY:
                return prefixed(leaf, page, from);
            case BYTE_STREAM_SPLIT:
                return split(leaf, page, from);
            default:
                throw new ParquetException("it has values of an encoding that is not supported");
        }
    }

    private static Values plain(Node leaf, byte[] page, int from) {
        ByteBuffer buffer = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).position(from);
        if (leaf.type() == Node.BOOLEAN) {
            long[] bit = {8L * from};
            return () -> {
                boolean flag = (page[(int) (bit[0] >>> 3)] >>> (bit[0] & 7) & 1) == 1;
                bit[0]++;
                return Json.MAPPER.getNodeFactory().booleanNode(flag);
            };
        }
        return () -> plain(leaf, buffer);
    }

    /** Reads a value, and moves the buffer behind it. */
    static @Nullable JsonNode plain(Node leaf, ByteBuffer buffer) throws ParquetException {
        return switch (leaf.type()) {
            case Node.INT32 -> number(leaf, buffer.getInt());
            case Node.INT64 -> number(leaf, buffer.getLong());
            case Node.FLOAT -> real(buffer.getFloat());
            case Node.DOUBLE -> real(buffer.getDouble());
            case Node.BYTE_ARRAY -> bytes(leaf, buffer, buffer.getInt());
            case Node.FIXED -> bytes(leaf, buffer, leaf.length());
            case Node.INT96 -> text(spark(buffer));
            default -> throw new ParquetException("it has values of an unknown type");
        };
    }

    private static JsonNode real(double value) {
        return Double.isFinite(value)
                ? Json.MAPPER.getNodeFactory().numberNode(value)
                : Json.MAPPER.getNodeFactory().stringNode(String.valueOf(value));
    }

    private static JsonNode real(float value) {
        // The decimal number with the fewest digits: 0.1, not 0.10000000149011612.
        return Float.isFinite(value)
                ? Json.MAPPER.getNodeFactory().numberNode(new BigDecimal(Float.toString(value)).doubleValue())
                : Json.MAPPER.getNodeFactory().stringNode(String.valueOf(value));
    }

    private static JsonNode number(Node leaf, long value) {
        return switch (leaf.kind()) {
            case decimal -> Json.MAPPER.getNodeFactory().numberNode(BigDecimal.valueOf(value, leaf.scale()));
            case unsigned -> unsigned(leaf, value);
            case date -> text(LocalDate.ofEpochDay(value));
            case millis -> text(Instant.ofEpochMilli(value));
            case micros -> text(time(value, 1_000_000));
            case nanos -> text(time(value, 1_000_000_000));
            default -> Json.MAPPER.getNodeFactory().numberNode(value);
        };
    }

    private static JsonNode unsigned(Node leaf, long value) {
        return leaf.type() == Node.INT32
                ? Json.MAPPER.getNodeFactory().numberNode(Integer.toUnsignedLong((int) value))
                : Json.MAPPER.getNodeFactory().numberNode(new BigInteger(Long.toUnsignedString(value)));
    }

    /** Reads a time as Spark and Impala write it: the nanoseconds of the day, and the number of the day since 4713 BC. */
    private static Instant spark(ByteBuffer buffer) {
        long nanos = buffer.getLong();
        return LocalDate.ofEpochDay(Integer.toUnsignedLong(buffer.getInt()) - JULIAN_1970)
                .atStartOfDay()
                .toInstant(ZoneOffset.UTC)
                .plusNanos(nanos);
    }

    private static Instant time(long value, long unitsOfSecond) {
        return Instant.ofEpochSecond(
                Math.floorDiv(value, unitsOfSecond),
                Math.floorMod(value, unitsOfSecond) * (1_000_000_000 / unitsOfSecond));
    }

    private static JsonNode text(Object time) {
        return Json.MAPPER.getNodeFactory().stringNode(time.toString());
    }

    private static @Nullable JsonNode bytes(Node leaf, ByteBuffer buffer, int length) throws ParquetException {
        if (length < 0 || length > buffer.remaining()) {
            throw new ParquetException("a value is not complete");
        }
        int from = buffer.position();
        buffer.position(from + length);
        return bytes(leaf, buffer.array(), from, length);
    }

    /** Returns text, or a decimal number, or null for bytes that are neither. Bytes of a text that are not UTF-8 are returned as they are. */
    private static @Nullable JsonNode bytes(Node leaf, byte[] page, int from, int length) {
        if (leaf.kind() == Kind.decimal && length <= MAX_DECIMAL) {
            BigInteger digits = length == 0 ? BigInteger.ZERO : new BigInteger(page, from, length);
            return Json.MAPPER.getNodeFactory().numberNode(new BigDecimal(digits, leaf.scale()));
        }
        String text = new String(page, from, length, StandardCharsets.UTF_8);
        boolean isText = text.indexOf('\uFFFD') < 0
                || Arrays.equals(text.getBytes(StandardCharsets.UTF_8), Arrays.copyOfRange(page, from, from + length));
        if (isText) {
            return Json.MAPPER.getNodeFactory().stringNode(text);
        }
        // A text with such bytes must not be stored as another text.
        return leaf.kind() == Kind.text
                ? Json.MAPPER.getNodeFactory().binaryNode(Arrays.copyOfRange(page, from, from + length))
                : null;
    }

    /** Values whose first bytes are written before all of their second bytes, and so on. */
    private static Values split(Node leaf, byte[] page, int from) throws ParquetException {
        int width = switch (leaf.type()) {
            case Node.INT32, Node.FLOAT -> 4;
            case Node.INT64, Node.DOUBLE -> 8;
            case Node.FIXED -> leaf.length();
            default -> 0;
        };
        if (width <= 0 || width > page.length) {
            throw new ParquetException("a page has values that are not complete");
        }
        int count = (page.length - from) / width;
        int[] next = {0};
        return () -> {
            if (next[0] >= count) {
                throw new ParquetException("a page has fewer values than it says");
            }
            byte[] value = new byte[width];
            for (int i = 0; i < width; i++) {
                value[i] = page[from + i * count + next[0]];
            }
            next[0]++;
            return plain(leaf, ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN));
        };
    }

    /** Texts that share a beginning with the one before. */
    private static Values prefixed(Node leaf, byte[] page, int from) throws ParquetException {
        Deltas prefixes = new Deltas(page, from);
        Texts suffixes = new Texts(page, new Deltas(page, from).end());
        byte[][] last = {new byte[0]};
        return () -> {
            long prefix = prefixes.next();
            int at = suffixes.advance();
            if (prefix < 0 || prefix > last[0].length || prefix + suffixes.length() > page.length) {
                throw new ParquetException("a value is not complete");
            }
            byte[] text = Arrays.copyOf(last[0], (int) prefix + suffixes.length());
            System.arraycopy(page, at, text, (int) prefix, suffixes.length());
            last[0] = text;
            return bytes(leaf, text, 0, text.length);
        };
    }

    /** Texts whose lengths are written before all of them. */
    final class Texts {
        private final byte[] page;
        private final Deltas lengths;
        private long next;
        private int length;

        Texts(byte[] page, int from) throws ParquetException {
            this.page = page;
            this.lengths = new Deltas(page, from);
            this.next = new Deltas(page, from).end();
        }

        /** Moves to the next text, and returns where it begins. */
        int advance() throws ParquetException {
            long size = lengths.next();
            long at = next;
            if (size < 0 || at + size > page.length) {
                throw new ParquetException("a value is not complete");
            }
            next = at + size;
            length = (int) size;
            return (int) at;
        }

        int length() {
            return length;
        }
    }
}
