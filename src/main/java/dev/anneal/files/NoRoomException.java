package dev.anneal.files;

/** Thrown if a disk has no room for bytes that are to be written. */
public final class NoRoomException extends RuntimeException {
    private final long bytes;

    NoRoomException(long bytes) {
        super("the disk has no room for %,d bytes".formatted(bytes));
        this.bytes = bytes;
    }

    /** Returns how many bytes were to be written. */
    public long bytes() {
        return bytes;
    }
}
