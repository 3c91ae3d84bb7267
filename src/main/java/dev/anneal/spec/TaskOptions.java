package dev.anneal.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anneal.transformer.architecture.LongTexts;
import dev.anneal.transformer.architecture.Task;
import org.jspecify.annotations.Nullable;

/**
 * The options of a task. text-classification: {@code multiLabel} gives a text any number of labels; {@code calibrate} divides the
 * scores of the trained model by a temperature that is fitted on the validation rows. text-classification and text-regression:
 * {@code longTexts} says whether a text that is too long is truncated or goes through the model in windows. causal-lm:
 * {@code packing} fills each row of a batch with several texts; {@code completionsOnly} computes the loss on completions and on the
 * assistant's messages only; for {@code generatedAnswers} rows the report has answers, and so have the predictions of an evaluation.
 * masked-lm: {@code maskingProbability}, and whether {@code wholeWords} are masked.
 *
 * <p>An option is null if the task does not have it. In a request, null means the default.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TaskOptions(
        @Nullable Boolean multiLabel,
        @Nullable LongTexts longTexts,
        @Nullable Boolean packing,
        @Nullable Boolean completionsOnly,
        @Nullable Double maskingProbability,
        @Nullable Boolean wholeWords,
        @Nullable Boolean calibrate,
        @Nullable Integer generatedAnswers) {
    public static final TaskOptions NONE = new TaskOptions(null, null, null, null, null, null, null, null);

    /** Returns the options that the task has, with its defaults in place of null. */
    public TaskOptions orDefaults(Task task) {
        return switch (task) {
            case TEXT_CLASSIFICATION, MULTI_LABEL ->
                new TaskOptions(
                        task == Task.MULTI_LABEL,
                        or(longTexts, LongTexts.TRUNCATE),
                        null,
                        null,
                        null,
                        null,
                        or(calibrate, false),
                        null);
            case TEXT_REGRESSION ->
                new TaskOptions(null, or(longTexts, LongTexts.TRUNCATE), null, null, null, null, null, null);
            case TOKEN_CLASSIFICATION -> NONE;
            case CAUSAL_LM ->
                new TaskOptions(
                        null,
                        null,
                        or(packing, true),
                        or(completionsOnly, true),
                        null,
                        null,
                        null,
                        or(generatedAnswers, 0)); // the reports of jobs from before this option have none
            case MASKED_LM ->
                new TaskOptions(
                        null, null, null, null, or(maskingProbability, 0.15), or(wholeWords, false), null, null);
        };
    }

    /** Returns these options of a request with the choices for a new job, which differ from the defaults of a stored one. */
    public TaskOptions ofNewJob(Task task) {
        Integer answers = task == Task.CAUSAL_LM ? or(generatedAnswers, 20) : generatedAnswers;
        return new TaskOptions(
                        multiLabel,
                        longTexts,
                        packing,
                        completionsOnly,
                        maskingProbability,
                        wholeWords,
                        calibrate,
                        answers)
                .orDefaults(task);
    }

    /** Returns the options on which the examples of a row depend. */
    public TaskOptions ofExamples() {
        return new TaskOptions(
                multiLabel, longTexts, packing, completionsOnly, maskingProbability, wholeWords, null, null);
    }

    private static <T> T or(@Nullable T chosen, T byDefault) {
        return chosen == null ? byDefault : chosen;
    }
}
