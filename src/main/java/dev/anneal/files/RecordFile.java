package dev.anneal.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A file of records, each an array of ints, that is mapped into memory: the heap does not grow with it. Removing the file does
 * not disturb those who have it open. Safe for use by several threads.
 *
 * <p>The file has the records, an entry of 8 bytes for each, a note, and at its end the places of all that with a checksum. All
 * numbers are little-endian. It is mapped in pieces, of which none cuts a record or an entry.
 */
public final class RecordFile {
    /** Thrown when a file is not one that {@link RecordFileWriter} finished, or was changed since. */
    public static final class DamagedException extends IOException {
        DamagedException(Path file, String what) {
            super(file.getFileName() + " " + what);
        }
    }

    static final long MAGIC = 0x31_44_52_4c_41_4e_4eL; // changes with the form of the file
    static final int TRAILER = 6 * Long.BYTES;
    /** A piece of 1 GiB; a buffer in Java has less than 2 GiB. */
    static final int PIECE_BITS = 30;
    /** The bits of an entry that say how many ints a record has; the others are its place, in ints. */
    static final int LENGTH_BITS = 24;

    private final ByteBuffer[] pieces;
    private final int pieceBits;
    private final long index;
    private final int size;
    private final String note;

    private RecordFile(ByteBuffer[] pieces, int pieceBits, long index, int size, String note) {
        this.pieces = pieces;
        this.pieceBits = pieceBits;
        this.index = index;
        this.size = size;
        this.note = note;
    }

    /** Maps a file. Throws a {@link DamagedException} if it is not whole. */
    public static RecordFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long end = channel.size() - TRAILER;
            if (end < 0) {
                throw new DamagedException(file, "is too short");
            }
            ByteBuffer trailer = read(channel.position(end), TRAILER).order(ByteOrder.LITTLE_ENDIAN);
            if (trailer.remaining() < TRAILER || trailer.getLong() != MAGIC) {
                throw new DamagedException(file, "has no end");
            }
            long size = trailer.getLong();
            long index = trailer.getLong();
            long note = trailer.getLong();
            int pieceBits = (int) trailer.getLong();
            long checksum = trailer.getLong();
            ByteBuffer[] pieces = map(channel, end, Math.max(3, Math.min(PIECE_BITS, pieceBits)));
            if (checksum(pieces, trailer.position(0).limit(TRAILER - Long.BYTES)) != checksum) {
                throw new DamagedException(file, "has another checksum than when it was written");
            }
            String text = StandardCharsets.UTF_8
                    .decode(read(channel.position(note), (int) (end - note)))
                    .toString();
            return new RecordFile(pieces, pieceBits, index, Math.toIntExact(size), text);
        }
    }

    /** Reads so many bytes, or fewer at the end of the file. A channel may give fewer at a time. */
    static ByteBuffer read(ReadableByteChannel channel, int size) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
        return bytes.flip();
    }

    private static ByteBuffer[] map(FileChannel channel, long end, int pieceBits) throws IOException {
        long piece = 1L << pieceBits;
        ByteBuffer[] pieces = new ByteBuffer[(int) ((end + piece - 1) / piece)];
        for (int i = 0; i < pieces.length; i++) {
            long from = i * piece;
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(piece, end - from));
            pieces[i] = mapped.order(ByteOrder.LITTLE_ENDIAN);
        }
        return pieces;
    }

    private static long checksum(ByteBuffer[] pieces, ByteBuffer places) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer piece : pieces) {
            crc.update(piece.duplicate());
        }
        crc.update(places);
        return crc.getValue();
    }

    public int size() {
        return size;
    }

    /** Returns the text that was written with the records. */
    public String note() {
        return note;
    }

    /** Returns a record, counted from 0. */
    public int[] get(int number) {
        long entry = entry(number);
        int[] record = new int[(int) (entry & (1 << LENGTH_BITS) - 1)];
        long at = entry >>> LENGTH_BITS << 2;
        ByteBuffer piece = pieces[(int) (at >> pieceBits)];
        piece.slice(within(at), record.length << 2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer()
                .get(record);
        return record;
    }

    /** Returns the first number of a record that has one. */
    public int first(int number) {
        long at = entry(number) >>> LENGTH_BITS << 2;
        return pieces[(int) (at >> pieceBits)].getInt(within(at));
    }

    private long entry(int number) {
        if (number < 0 || number >= size) {
            throw new IndexOutOfBoundsException(number);
        }
        long at = index + (long) number * Long.BYTES;
        return pieces[(int) (at >> pieceBits)].getLong(within(at));
    }

    private int within(long at) {
        return (int) (at & (1L << pieceBits) - 1);
    }
}
