package dev.anneal.dataset.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The dictionary of a column: its values by their numbers. They are decoded when they are needed. */
final class Dictionary {
    private final Node leaf;
    private final ByteBuffer bytes;
    private final int[] offsets;

    Dictionary(Node leaf, byte[] page, int count) throws ParquetException {
        this.leaf = leaf;
        this.bytes = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
        // Each value takes at least a byte, so a wrong count does not take more memory than the page.
        if (count < 0 || count > page.length || leaf.type() == Node.BOOLEAN) {
            throw new ParquetException("a dictionary is not valid");
        }
        this.offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = bytes.position();
            skip();
        }
    }

    private void skip() throws ParquetException {
        int size = switch (leaf.type()) {
            case Node.INT32, Node.FLOAT -> 4;
            case Node.INT64, Node.DOUBLE -> 8;
            case Node.INT96 -> 12;
            case Node.FIXED -> leaf.length();
            default -> bytes.remaining() < 4 ? -1 : bytes.getInt();
        };
        if (size < 0 || size > bytes.remaining()) {
            throw new ParquetException("a dictionary is not complete");
        }
        bytes.position(bytes.position() + size);
    }

    @Nullable
    JsonNode get(int number) throws ParquetException {
        if (number < 0 || number >= offsets.length) {
            throw new ParquetException("a page names a value that its dictionary does not have");
        }
        return Values.plain(leaf, bytes.position(offsets[number]));
    }
}
