package dev.anneal.transformer.weights;

import dev.anneal.transformer.format.ModelException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * A tensor as safetensors stores it: type ({@code F32}, {@code BF16}, {@code I64}, …), shape, and its little-endian bytes in
 * row order, read on demand.
 */
public record StoredTensor(String dtype, long[] shape, Supplier<ByteBuffer> bytes) {

    /** Number of elements. */
    public long count() {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        return count;
    }

    /** Size in bytes. */
    public long size() {
        return Math.multiplyExact(count(), bytesPerElement(dtype));
    }

    public boolean isFloat() {
        return dtype.startsWith("F") || dtype.startsWith("BF");
    }

    static boolean isKnown(String dtype) {
        return bytesOf(dtype) > 0;
    }

    static int bytesPerElement(String dtype) {
        int bytes = bytesOf(dtype);
        if (bytes == 0) {
            throw new ModelException("unknown tensor type " + dtype);
        }
        return bytes;
    }

    private static int bytesOf(String dtype) {
        return switch (dtype) {
            case "F64", "I64", "U64" -> 8;
            case "F32", "I32", "U32" -> 4;
            case "F16", "BF16", "I16", "U16" -> 2;
            case "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2" -> 1;
            default -> 0;
        };
    }
}
