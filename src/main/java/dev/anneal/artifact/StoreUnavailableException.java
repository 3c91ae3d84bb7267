package dev.anneal.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** The store does not do what it was asked for; what it holds stays. */
public final class StoreUnavailableException extends UncheckedIOException {
    public StoreUnavailableException(String message, IOException cause) {
        super(message + ": " + cause, cause);
    }

    /** Whether it is worth asking again: not where the files are gone or damaged. */
    public boolean mayPass() {
        return !(getCause() instanceof NoSuchFileException || getCause() instanceof CorruptArtifactException);
    }

    /** What the disk or the server said, without where the files lie. */
    public String reason() {
        if (getCause() instanceof FileSystemException file) {
            return file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
        }
        return String.valueOf(getCause().getMessage());
    }
}
