package dev.anneal.training.process;

/** The names in a trainer's work directory, and its exit codes: what the worker and the trainer agree on. */
public final class WorkFiles {
    /** What the trainer has to do, a {@link dev.anneal.spec.JobSpec}. */
    public static final String SPEC = "spec.json";
    /** Where and with what it works, a {@link Placement}. */
    public static final String PLACEMENT = "placement.json";

    /** The rows of each split, one JSON object per line. */
    public static final String TRAIN = "train.jsonl";

    public static final String VALIDATION = "validation.jsonl";
    public static final String TEST = "test.jsonl";
    /** The published model, a Hugging Face directory. A checkpoint has one of the same name. */
    public static final String MODEL = "model";
    /** How good the published model is. */
    public static final String REPORT = "report.json";
    /** What the published model predicts for each test row, one JSON object per line. */
    public static final String PREDICTIONS = "predictions.jsonl";

    public static final String CHECKPOINTS = "checkpoints";

    /** The exit code of a trainer that was asked to stop and left a checkpoint: {@code EX_TEMPFAIL} of sysexits.h. */
    public static final int STOPPED_EXIT_CODE = 75;

    private WorkFiles() {}
}
