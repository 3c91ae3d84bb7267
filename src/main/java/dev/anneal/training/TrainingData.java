package dev.anneal.training;

import dev.anneal.training.task.ExampleFile;
import dev.anneal.training.task.Examples;
import dev.anneal.training.task.FrozenActivations;
import dev.anneal.training.task.TrainingTask;
import org.jspecify.annotations.Nullable;

/** The examples of a job; {@code frozen} holds what the frozen layers compute for them, if they did so once. */
record TrainingData(
        TrainingTask task,
        Examples train,
        Examples validation,
        ExampleFile validationFile,
        int testExamples,
        @Nullable FrozenActivations frozen) {}
