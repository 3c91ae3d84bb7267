package dev.anneal.dataset.validation;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a validation, on the wire and in the dataset's row.
 *
 * @param phase what the server does with the files
 * @param readBytes how many bytes of the files have arrived from their source, or are read
 * @param totalBytes null as long as the size of the files is not known, and for a version, which has none
 * @param rowCount the rows so far
 */
public record Progress(
        Phase phase, long readBytes, @Nullable Long totalBytes, long rowCount) {
    public enum Phase {
        fetching,
        checking
    }

    public Progress {
        phase = Objects.requireNonNullElse(phase, Phase.checking); // rows of earlier versions do not have it
    }

    static Progress begin(Received received) {
        return received.isUnfetched()
                ? new Progress(Phase.fetching, 0, null, 0)
                : new Progress(Phase.checking, 0, received.totalBytes(), 0);
    }
}
