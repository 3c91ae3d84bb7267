package dev.anneal.training.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One line of a trainer's output; {@code data} is one of the records below, or {@link EpochMetrics} for {@code epoch} and for
 * {@code validation}, which is one within an epoch.
 */
public record TrainerEvent(String type, Object data) {
    public static final String TOKENIZING = "tokenizing";
    public static final String START = "start";
    public static final String STEP = "step";
    public static final String PROGRESS = "progress";
    public static final String EPOCH = "epoch";
    public static final String VALIDATION = "validation";
    public static final String CHECKPOINT = "checkpoint";
    public static final String LOG = "log";
    public static final String DONE = "done";

    /** The number of rows of a split that are tokenized so far; {@code phase} is tokenizing. Only slow work is reported. */
    public record Tokenizing(String phase, String split, long rows, double percent, double rowsPerSecond) {}

    /**
     * Everything is loaded and the first step begins, or, after resuming, the next one. {@code truncated} counts the training
     * rows that lost tokens because they are longer than {@code max_length}. The rows of all splits were tokenized now or by an
     * earlier job with the same rows.
     */
    public record Start(
            String device,
            String precision,
            int epochs,
            int steps,
            int trainExamples,
            int validationExamples,
            int testExamples,
            int truncated,
            long tokensLeftOut,
            long rowsTokenized,
            long rowsTokenizedBefore,
            @Nullable Integer resumedFromStep) {}

    /** The rows of an evaluation are read, and the first batch begins. It has the fields of {@link Start} that apply. */
    public record EvaluationStart(
            String device,
            String precision,
            int examples,
            int truncated,
            long tokensLeftOut,
            long rowsTokenized,
            long rowsTokenizedBefore) {}

    /** The examples of an evaluation that are computed; {@code percent} is of all their tokens. */
    public record Computed(
            long examplesDone, long examples, double percent, double examplesPerSecond, double etaSeconds) {}

    /** The report and the predictions of an evaluation are written; a prediction has no metrics. */
    public record EvaluationDone(@Nullable TestMetrics testMetrics) {}

    /**
     * The progress; the loss and examples per second are those since the last such event. {@code percent} is of all steps, also of
     * those of other models that the job trains. {@code phase} names the model if it is such a one, as "fold 2 of 5".
     */
    public record Step(
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String phase,

            int epoch,
            int epochs,
            int step,
            int steps,
            double trainLoss,
            double learningRate,
            double examplesPerSecond,
            double etaSeconds,
            double percent) {}

    /**
     * A checkpoint is complete, in a directory of this name; {@code reason} is interval, validation, epoch, stop or part.
     * There is no best epoch until the first validation.
     */
    public record Checkpoint(
            int step,
            int epoch,
            String reason,
            String path,
            long sizeBytes,
            boolean hasModel,
            @Nullable BestEpoch best) {}

    /** A message for the user; {@code level} is info or warn. */
    public record Log(String level, String message) {}

    /** The model, the report and the predictions are written. */
    public record Done(BestEpoch best, @Nullable TestMetrics testMetrics) {}
}
