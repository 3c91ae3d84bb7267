package dev.anneal.training.process;

/** The names in a trainer's work directory, and its exit codes, on which the worker and the trainer agree. */
public final class WorkFiles {
    /** The specification of the job, a {@link dev.anneal.spec.JobSpec}. */
    public static final String SPEC = "spec.json";
    /** The machine's part of the job, a {@link Placement}. */
    public static final String PLACEMENT = "placement.json";

    /** The rows of each split, one JSON object per line. */
    public static final String TRAIN = "train.jsonl";

    public static final String VALIDATION = "validation.jsonl";
    public static final String TEST = "test.jsonl";

    /** Rows of another dataset that are mixed into the training rows. */
    public static final String REPLAY = "replay.jsonl";

    /** Rows of another dataset, for which the report says what the model forgot. */
    public static final String RETAIN = "retain.jsonl";

    /** Returns the name of the file with the rows of an evaluation, of a split or of {@code all}. */
    public static String rows(String part) {
        return part + ".jsonl";
    }

    /** The field of a row with its number in the dataset, for messages. */
    public static final String ROW = "row";

    /** The published model, a Hugging Face directory. A checkpoint has one of the same name. */
    public static final String MODEL = "model";
    /** The metrics of the published model. */
    public static final String REPORT = "report.json";
    /** The prediction of the published model for each test row, one JSON object per line. */
    public static final String PREDICTIONS = "predictions.jsonl";

    /** The directory with the prediction for each row of an evaluation, or for each training row by the models of the folds, of {@link dev.anneal.files.GzipLines}. */
    public static final String RESULT = "result";

    /** The answers that an evaluation generated for its first rows, one JSON object per line. */
    public static final String ANSWERS = "answers.jsonl";

    /** The same directory of the evaluation that this one is compared with. */
    public static final String COMPARED = "compared";

    public static final String CHECKPOINTS = "checkpoints";

    /** The directory with the scores of models on a part of the rows, in the work directory and in each checkpoint. */
    public static final String PARTS = "parts";

    /** The exit code of a trainer that was asked to stop and left a checkpoint: {@code EX_TEMPFAIL} of sysexits.h. */
    public static final int STOPPED_EXIT_CODE = 75;

    /** The exit code of a trainer that failed unexpectedly, but would do so again: {@code EX_SOFTWARE} of sysexits.h. */
    public static final int FAULT_EXIT_CODE = 70;

    private WorkFiles() {}
}
