package dev.anneal.training;

import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.training.task.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * The examples of a job; {@code drawn} is a hash of the numbers of its training rows if they are a subset; {@code frozen} holds what
 * the frozen layers compute for them, if they did so once. It is closed by who made it.
 */
record TrainingData(
        TrainingTask task,
        Examples train,
        @Nullable String drawn,
        Examples validation,
        ExampleFile validationFile,
        int testExamples,
        @Nullable FrozenActivations frozen) {
    TrainingData(
            TrainingTask task,
            Examples train,
            @Nullable String drawn,
            Examples validation,
            ExampleFile validationFile,
            int testExamples) {
        this(task, train, drawn, validation, validationFile, testExamples, null);
    }

    TrainingData with(@Nullable FrozenActivations activations) {
        return new TrainingData(task, train, drawn, validation, validationFile, testExamples, activations);
    }

    /** Returns the same rows as another task sees them. */
    TrainingData as(TrainingTask other, Examples examples) {
        return new TrainingData(other, examples, drawn, validation, validationFile, testExamples, frozen);
    }

    /** Returns the same rows with other ones to train on, for a model that no test row is evaluated with. */
    TrainingData trainedOn(TrainingTask fitted, Examples others) {
        return new TrainingData(fitted, others, null, validation, validationFile, 0, frozen);
    }
}
