package dev.anneal.dataset.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads structs of Thrift's compact protocol, in which the metadata of Parquet is written. Limits what it keeps in memory. */
final class Thrift {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_VALUES = 2_000_000;

    /** A struct: its values by the ids of its fields. */
    record Struct(Map<Integer, Object> fields) {
        boolean has(int id) {
            return fields.containsKey(id);
        }

        long whole(int id, long otherwise) {
            return fields.get(id) instanceof Long number ? number : otherwise;
        }

        int small(int id, int otherwise) throws ParquetException {
            long number = whole(id, otherwise);
            if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
                throw new ParquetException("a number of its metadata is too large");
            }
            return (int) number;
        }

        boolean flag(int id, boolean otherwise) {
            return fields.get(id) instanceof Boolean flag ? flag : otherwise;
        }

        String text(int id) {
            return fields.get(id) instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : "";
        }

        Struct struct(int id) throws ParquetException {
            if (fields.get(id) instanceof Struct struct) {
                return struct;
            }
            throw new ParquetException("a part of its metadata is missing");
        }

        List<Struct> structs(int id) {
            List<Struct> structs = new ArrayList<>();
            if (fields.get(id) instanceof List<?> list) {
                list.forEach(item -> {
                    if (item instanceof Struct struct) {
                        structs.add(struct);
                    }
                });
            }
            return structs;
        }
    }

    private final InputStream in;
    private long left;
    private int values;

    /**
     * @param maxBytes of the struct
     */
    Thrift(InputStream in, long maxBytes) {
        this.in = in;
        this.left = maxBytes;
    }

    Struct read() throws IOException {
        return struct(0);
    }

    private Struct struct(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new ParquetException("its metadata is nested too deeply");
        }
        Map<Integer, Object> fields = new HashMap<>();
        int id = 0;
        while (true) {
            int header = octet();
            int type = header & 0x0F;
            if (type == 0) {
                return new Struct(fields);
            }
            id = header >>> 4 == 0 ? (int) zigzag() : id + (header >>> 4);
            fields.put(id, type == 1 || type == 2 ? (Object) (type == 1) : value(type, depth));
        }
    }

    private Object value(int type, int depth) throws IOException {
        if (++values > MAX_VALUES) {
            throw new ParquetException("its metadata has too many values");
        }
        return switch (type) {
            case 1, 2 -> octet() == 1;
            case 3 -> (long) (byte) octet();
            case 4, 5, 6 -> zigzag();
            case 7 -> ByteBuffer.wrap(bytes(8)).order(ByteOrder.LITTLE_ENDIAN).getDouble();
            case 8 -> bytes(varint());
            case 9, 10 -> list(depth);
            case 11 -> map(depth);
            case 12 -> struct(depth + 1);
            case 13 -> bytes(16);
            default -> throw new ParquetException("its metadata has a value of an unknown type");
        };
    }

    private List<Object> list(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new ParquetException("its metadata is nested too deeply");
        }
        int header = octet();
        long size = header >>> 4 == 15 ? varint() : header >>> 4;
        List<Object> list = new ArrayList<>();
        for (long i = 0; i < size; i++) {
            list.add(value(header & 0x0F, depth + 1));
        }
        return list;
    }

    private Map<Object, Object> map(int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new ParquetException("its metadata is nested too deeply");
        }
        long size = varint();
        int types = size == 0 ? 0 : octet();
        for (long i = 0; i < size; i++) {
            value(types >>> 4, depth + 1);
            value(types & 0x0F, depth + 1);
        }
        return Map.of(); // Parquet has no maps in its metadata
    }

    private long zigzag() throws IOException {
        long number = varint();
        return number >>> 1 ^ -(number & 1);
    }

    private long varint() throws IOException {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = octet();
            number |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                return number;
            }
        }
        throw new ParquetException("a number of its metadata is too large");
    }

    private byte[] bytes(long count) throws IOException {
        if (count < 0 || count > left) {
            throw new ParquetException("a text of its metadata is too long");
        }
        byte[] bytes = in.readNBytes((int) count);
        left -= count;
        if (bytes.length < count) {
            throw new ParquetException("its metadata ends too early");
        }
        return bytes;
    }

    private int octet() throws IOException {
        int b = in.read();
        if (b < 0) {
            throw new ParquetException("its metadata ends too early");
        }
        if (--left < 0) {
            throw new ParquetException("its metadata is too large");
        }
        return b;
    }
}
