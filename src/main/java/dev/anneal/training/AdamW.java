package dev.anneal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Encoded;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.Program;
import dev.anneal.transformer.Torch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The training step of a model and the state of its optimizer, AdamW
 * (<a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, 2017</a>). Matrices decay; biases and the parameters
 * of norms do not.
 */
final class AdamW implements AutoCloseable {
    private final Model model;
    private final Hyperparameters hyperparameters;
    private final Precision precision;
    private final PtNDManager state;
    /** For each of the two groups: the parameters, their first and second moments, and their step counts. */
    private final List<IValue> groups = new ArrayList<>();

    AdamW(Model model, Hyperparameters hyperparameters, Precision precision) {
        this.model = model;
        this.hyperparameters = hyperparameters;
        this.precision = precision;
        this.state = model.newManager();
        Collection<NDArray> weights = model.weights().values();
        weights.forEach(weight -> weight.setRequiresGradient(true));
        addGroup(weights.stream().filter(weight -> isMatrix(weight)).toList());
        addGroup(weights.stream().filter(weight -> !isMatrix(weight)).toList());
    }

    private static boolean isMatrix(NDArray weight) {
        return weight.getShape().dimension() > 1;
    }

    private void addGroup(List<NDArray> weights) {
        groups.add(Program.value(weights));
        List<Function<NDArray, Shape>> shapes = List.of(NDArray::getShape, NDArray::getShape, weight -> new Shape());
        for (Function<NDArray, Shape> shape : shapes) {
            groups.add(Program.value(weights.stream()
                    .map(weight -> state.zeros(shape.apply(weight)))
                    .toList()));
        }
    }

    /** Trains on one batch; returns its mean loss before the step. */
    double step(List<Encoded> texts, long[] labels, double learningRate, long seed) {
        Torch.seed(seed);
        try (PtNDManager arrays = model.newManager()) {
            Map<String, NDArray> batch = Batch.of(texts, arrays);
            batch.put("labels", arrays.create(labels));
            List<Object> arguments = new ArrayList<>(groups);
            arguments.add(batch);
            arguments.add(hyperparameters.dropout());
            arguments.add(learningRate);
            arguments.add(hyperparameters.weightDecay());
            arguments.add(
                    hyperparameters.maxGradNorm() == 0 ? Double.POSITIVE_INFINITY : hyperparameters.maxGradNorm());
            arguments.add(precision == Precision.BF16);
            float[] lossAndNorm =
                    model.train(arrays, "step", arguments.toArray()).toFloatArray();
            if (!Float.isFinite(lossAndNorm[0]) || !Float.isFinite(lossAndNorm[1])) {
                throw TrainingException.diverged();
            }
            return lossAndNorm[0];
        }
    }

    @Override
    public void close() {
        groups.forEach(IValue::close);
        state.close();
    }
}
