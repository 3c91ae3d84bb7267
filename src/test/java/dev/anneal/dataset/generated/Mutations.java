package dev.anneal.dataset.generated;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** Files with some bytes changed, cut off or repeated. */
public final class Mutations {
    private Mutations() {}

    /** Returns a changed copy of a file that is not empty. */
    public static byte[] changed(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        switch (random.nextInt(4)) {
            case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> {
                int at = random.nextInt(bytes.length);
                int length = Math.min(random.nextInt(64), bytes.length - at);
                ByteArrayOutputStream longer = new ByteArrayOutputStream();
                longer.write(bytes, 0, at + length);
                longer.write(bytes, at, bytes.length - at);
                bytes = longer.toByteArray();
            }
            default -> {
                for (int n = 1 + random.nextInt(8); n > 0; n--) {
                    // Half of the changes are in the last tenth, where zips and Parquet have their lists.
                    int at = random.nextBoolean()
                            ? random.nextInt(bytes.length)
                            : bytes.length - 1 - random.nextInt(1 + bytes.length / 10);
                    bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] ^ 1 << random.nextInt(8));
                }
            }
        }
        return bytes;
    }
}
