package dev.anneal.training;

import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.training.optimizer.MicroBatch;
import dev.anneal.training.optimizer.Precision;
import dev.anneal.training.optimizer.SparseEmbeddings;
import dev.anneal.training.optimizer.StepLoss;
import dev.anneal.training.optimizer.TrainStep;
import dev.anneal.training.optimizer.TrainableModel;
import dev.anneal.transformer.Model;
import java.util.List;

/** Single training steps of all weights of a model. */
public record TestSteps(TrainableModel model, AdamW optimizer, Hyperparameters hyperparameters)
        implements AutoCloseable {
    public static TestSteps of(
            Model model, Hyperparameters hyperparameters, Precision precision, SparseEmbeddings sparse) {
        TrainableModel trainable = new TrainableModel(model, Method.FULL, hyperparameters, precision, false, sparse);
        return new TestSteps(trainable, new AdamW(trainable, hyperparameters), hyperparameters);
    }

    /** Returns the mean loss before the update. */
    public double step(List<? extends MicroBatch> microBatches, double learningRate, long seed) {
        double count = microBatches.stream().mapToDouble(MicroBatch::count).sum();
        try (TrainStep step = new TrainStep(model, seed)) {
            microBatches.forEach(microBatch -> step.accumulate(microBatch, microBatch.count() / count));
            step.clip(hyperparameters.maxGradNorm());
            optimizer.update(step, learningRate);
            try (StepLoss loss = step.loss()) {
                return loss.await();
            }
        }
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
    }
}
