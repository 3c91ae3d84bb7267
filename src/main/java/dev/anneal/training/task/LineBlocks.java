package dev.anneal.training.task;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The lines of a stream, a block of whole lines at a time. */
final class LineBlocks {
    private static final int BLOCK = 1 << 18;

    private final InputStream in;
    private byte[] rest = new byte[0];

    LineBlocks(InputStream in) {
        this.in = in;
    }

    /** Returns the next lines, of which only the last one may lack an end; null after the last block. */
    byte @Nullable [] next() throws IOException {
        byte[] block = Arrays.copyOf(rest, rest.length + BLOCK);
        int filled = rest.length;
        while (true) {
            int read = in.readNBytes(block, filled, block.length - filled);
            int from = filled;
            filled += read;
            if (filled < block.length) { // the end of the stream
                rest = new byte[0];
                return filled == 0 ? null : Arrays.copyOf(block, filled);
            }
            for (int i = filled - 1; i >= from; i--) {
                if (block[i] == '\n') {
                    rest = Arrays.copyOfRange(block, i + 1, filled);
                    return Arrays.copyOf(block, i + 1);
                }
            }
            block = Arrays.copyOf(block, 2 * block.length); // a long line
        }
    }
}
