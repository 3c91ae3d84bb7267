package dev.anneal.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Thrown when the artifact store cannot do what was asked. Its content is unchanged. */
public final class StoreUnavailableException extends UncheckedIOException {
    public StoreUnavailableException(String message, IOException cause) {
        super(message + ": " + cause, cause);
    }

    /** Returns whether a retry may succeed. It cannot if files are missing or corrupt. */
    public boolean isTransient() {
        return !(getCause() instanceof NoSuchFileException || getCause() instanceof CorruptArtifactException);
    }

    /** Returns the reason given by the disk or the server, without the paths of files. */
    public String reason() {
        if (getCause() instanceof FileSystemException file) {
            return file.getReason() == null ? file.getClass().getSimpleName() : file.getReason();
        }
        return String.valueOf(Objects.requireNonNull(getCause()).getMessage());
    }
}
