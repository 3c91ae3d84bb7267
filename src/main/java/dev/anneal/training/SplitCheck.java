package dev.anneal.training;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.TrainingTask;

/**
 * Checks what is left of each split within {@code max_length}, and tells the user of the job what is not.
 *
 * @param trained whether a step was trained in an earlier attempt
 */
record SplitCheck(TrainingTask task, boolean languageModel, boolean trained, int maxLength, EventStream events) {

    /** Returns the examples that have something to learn, so that each step learns. Throws if there are none. */
    Examples training(Examples examples) {
        if (examples.size() == 0) {
            throw new TrainingException(WorkFiles.TRAIN + " has no rows.");
        }
        Examples learnable = examples.learnable(task);
        require(learnable, "training", "learn");
        int without = examples.size() - learnable.size();
        if (without > 0) {
            events.log(
                    "warn",
                    "%,d of %,d training examples have nothing to learn within max_length (%d). They are left out."
                            .formatted(without, examples.size(), maxLength));
        }
        warn("training", examples);
        return learnable;
    }

    /**
     * Returns all validation examples, of which there may be none. Throws if there are some but none can be scored, or if the
     * scores, by which the best epoch is chosen, would say nothing about the training rows. The steps of a job that resumes
     * are not thrown away for that.
     */
    Examples validation(Examples examples, Examples training) {
        Examples all = evaluation("validation", examples);
        if (languageModel && !trained && examples.size() > 1) {
            requireWhole(examples, training);
        }
        return all;
    }

    /** Returns all examples of a split, of which there may be none. Throws if there are some but none can be scored. */
    Examples evaluation(String split, Examples examples) {
        if (examples.size() > 0) {
            require(examples.learnable(task), split, "score");
            warn(split, examples);
        }
        return examples;
    }

    private void require(Examples learnable, String split, String what) {
        if (learnable.size() == 0) {
            throw new TrainingException(
                    "The %s rows have nothing to %s within max_length (%d). Raise max_length, or use other rows."
                            .formatted(split, what, maxLength));
        }
    }

    /** The loss of rows that are all cut is no measure of a model that learned whole rows. */
    private void requireWhole(Examples examples, Examples training) {
        if (examples.truncated() == examples.size() && training.truncated() == 0) {
            throw new TrainingException(
                    "None of the %,d validation rows fits within max_length (%d), but all training rows do. The scores would be those of %s. Use other rows, or raise max_length: the longest of these rows has %,d tokens."
                            .formatted(
                                    examples.size(),
                                    maxLength,
                                    examples.targetsLeftOut() > 0
                                            ? "texts or completions that are cut off"
                                            : "prompts without their beginning",
                                    examples.longestUncut()));
        }
    }

    private void warn(String split, Examples examples) {
        if (examples.truncated() > 0 && examples.targetsLeftOut() == 0) {
            events.log(
                    "warn",
                    "%,d of %,d %s examples %s longer than max_length (%d). %,d tokens are left out."
                            .formatted(
                                    examples.truncated(),
                                    examples.size(),
                                    split,
                                    isOrAre(examples),
                                    maxLength,
                                    examples.tokensLeftOut()));
        } else if (examples.truncated() > 0) {
            events.log(
                    "warn",
                    "%,d of %,d %s examples %s longer than max_length (%d). %,d tokens are left out, of prompts their beginning. %,d of these tokens belong to what is learned."
                            .formatted(
                                    examples.truncated(),
                                    examples.size(),
                                    split,
                                    isOrAre(examples),
                                    maxLength,
                                    examples.tokensLeftOut(),
                                    examples.targetsLeftOut()));
        }
    }

    private static String isOrAre(Examples examples) {
        return examples.truncated() == 1 ? "is" : "are";
    }
}
