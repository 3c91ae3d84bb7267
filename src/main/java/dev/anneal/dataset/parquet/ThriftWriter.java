package dev.anneal.dataset.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Writes structs of Thrift's compact protocol. The fields of a struct must be written in the order of their ids. */
final class ThriftWriter {
    static final int INT32 = 5;
    static final int BINARY = 8;
    static final int STRUCT = 12;
    private static final int INT64 = 6;
    private static final int LIST = 9;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Deque<Integer> outer = new ArrayDeque<>();
    private int last;

    ThriftWriter small(int id, int value) {
        field(id, INT32);
        zigzag(value);
        return this;
    }

    ThriftWriter whole(int id, long value) {
        field(id, INT64);
        zigzag(value);
        return this;
    }

    ThriftWriter text(int id, String value) {
        field(id, BINARY);
        return item(value);
    }

    /** Begins a struct that is a field. */
    ThriftWriter begin(int id) {
        field(id, STRUCT);
        return begin();
    }

    /** Begins a struct that is an item of a list. */
    ThriftWriter begin() {
        outer.push(last);
        last = 0;
        return this;
    }

    ThriftWriter end() {
        out.write(0);
        last = outer.isEmpty() ? 0 : outer.pop();
        return this;
    }

    /** Begins a list, whose items follow. */
    ThriftWriter list(int id, int type, int size) {
        field(id, LIST);
        if (size < 15) {
            out.write(size << 4 | type);
        } else {
            out.write(0xF0 | type);
            varint(size);
        }
        return this;
    }

    ThriftWriter item(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        varint(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    ThriftWriter item(int value) {
        zigzag(value);
        return this;
    }

    /** Adds items that another writer has written. */
    ThriftWriter items(byte[] written) {
        out.writeBytes(written);
        return this;
    }

    private void field(int id, int type) {
        int step = id - last;
        if (step > 0 && step < 16) {
            out.write(step << 4 | type);
        } else {
            out.write(type);
            zigzag(id);
        }
        last = id;
    }

    private void zigzag(long value) {
        varint(value << 1 ^ value >> 63);
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7FL) != 0) {
            out.write((int) (left & 0x7F | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }

    int size() {
        return out.size();
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
