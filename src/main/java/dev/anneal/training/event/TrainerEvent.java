package dev.anneal.training.event;

/** One line of a trainer's output; {@code data} is one of the records below, or {@link EpochMetrics} for {@code epoch}. */
public record TrainerEvent(String type, Object data) {
    public static final String START = "start";
    public static final String STEP = "step";
    public static final String EPOCH = "epoch";
    public static final String CHECKPOINT = "checkpoint";
    public static final String LOG = "log";
    public static final String DONE = "done";

    /** Everything is loaded and the next step comes: the first, or that after the one that an earlier process came to. */
    public record Start(
            String device,
            String precision,
            int epochs,
            int steps,
            int trainExamples,
            int validationExamples,
            int testExamples,
            Integer resumedFromStep) {}

    /** How far training is; loss and rate are those since the last such event, {@code percent} is of all steps. */
    public record Step(
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
     * A checkpoint is whole, in a directory of this name; {@code reason} is interval, epoch or stop. The best epoch so far is
     * null while the first is not over.
     */
    public record Checkpoint(
            int step, int epoch, String reason, String path, long sizeBytes, boolean hasModel, BestEpoch best) {}

    /** Something that a person may want to know; {@code level} is info or warn. */
    public record Log(String level, String message) {}

    /** The model, the report and the predictions are written. */
    public record Done(BestEpoch best, TestMetrics testMetrics) {}
}
