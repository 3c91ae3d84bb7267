package dev.anneal.training.finding;

import dev.anneal.files.DurableFiles;
import dev.anneal.training.process.StopRequest;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.format.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Computes parts of a report that a job can do without. The model is trained and complete, so no fault in them may end the job. */
public final class OptionalPart {
    /** Computes a part. */
    public interface Part<T> {
        @Nullable
        T compute() throws IOException;
    }

    private OptionalPart() {}

    /**
     * Returns a part, or null if it cannot be computed.
     *
     * @param missing the beginning of the sentence that says so, without a colon
     * @param leftOut receives this sentence with the reason
     */
    public static <T> @Nullable T orNull(String missing, Part<T> part, Consumer<String> leftOut) {
        try {
            return part.compute();
        } catch (StopRequest.Stopped stopped) {
            throw stopped;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            leftOut.accept(missing + ": " + reason(e).replaceFirst("\\.$", "") + ".");
            return null;
        }
    }

    private static String reason(Throwable e) {
        if (e instanceof TrainingException || e instanceof ModelException) {
            return String.valueOf(e.getMessage());
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            return DurableFiles.reason((Exception) e);
        }
        if (e instanceof OutOfMemoryError) {
            return "The memory of the trainer is too small. Raise anneal.trainer.heap";
        }
        e.printStackTrace(); // the server has it in its log
        return "Internal error. See the server log";
    }
}
