package dev.anneal.files;

/** Thrown if a disk has no room for bytes that are to be written. */
public final class NoRoomException extends RuntimeException {
    NoRoomException(long bytes) {
        super("the disk has no room for %,d bytes".formatted(bytes));
    }
}
