package dev.anneal.training;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.TrainingTask;

/** Checks what is left of each split within {@code max_length}, and tells the user of the job what is not. */
record SplitCheck(TrainingTask task, int maxLength, EventStream events) {

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

    private void warn(String split, Examples examples) {
        if (examples.truncated() > 0 && examples.targetsLeftOut() == 0) {
            events.log(
                    "warn",
                    "%,d of %,d %s examples are longer than max_length (%d). %,d tokens are left out."
                            .formatted(
                                    examples.truncated(), examples.size(), split, maxLength, examples.tokensLeftOut()));
        } else if (examples.truncated() > 0) {
            events.log(
                    "warn",
                    "%,d of %,d %s examples are longer than max_length (%d). %,d tokens are left out, of prompts their beginning. %,d of these tokens belong to what is learned."
                            .formatted(
                                    examples.truncated(),
                                    examples.size(),
                                    split,
                                    maxLength,
                                    examples.tokensLeftOut(),
                                    examples.targetsLeftOut()));
        }
    }
}
