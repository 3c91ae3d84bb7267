package dev.anneal.child;

import java.nio.file.NoSuchFileException;

/** Thrown when the program was replaced or deleted since this process began: its children would be of another version. */
public final class ProgramReplacedException extends NoSuchFileException {
    /** @param file that is no longer there, or no longer the same */
    public ProgramReplacedException(String file) {
        super(file, null, "The program was replaced or deleted while this server ran. Restart the server.");
    }
}
