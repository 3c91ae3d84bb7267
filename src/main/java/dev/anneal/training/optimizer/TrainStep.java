package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.transformer.program.Program;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The loss and the gradients of one step: accumulated over its micro-batches, then clipped. */
public final class TrainStep implements AutoCloseable {
    private final TrainableModel model;
    private final Program optimizer;
    private final NDManager arrays;
    private final SplittableRandom seeds;
    private final List<NDArray> losses = new ArrayList<>();
    private final List<Double> shares = new ArrayList<>();
    private List<NDArray> gradients = List.of();
    private @Nullable NDArray clip;

    /** Starts a step; the seed determines its dropout. */
    public TrainStep(TrainableModel model, long seed) {
        this.seeds = new SplittableRandom(seed);
        this.model = model;
        this.optimizer = model.optimizer();
        this.arrays = model.newManager();
    }

    /** Computes forward and backward of a micro-batch and adds its share, at most 1, of the step's loss and gradients. */
    public void accumulate(MicroBatch microBatch, double share) {
        List<NDArray> added = gradients(microBatch, share);
        if (share == 1) { // the only one
            gradients = added;
            return;
        }
        if (gradients.isEmpty()) {
            gradients =
                    added.stream().map(array -> arrays.zeros(array.getShape())).toList();
        }
        optimizer.infer(arrays, "accumulate", gradients, added, share).close();
        added.forEach(NDArray::close);
    }

    /** Returns the gradients of the micro-batch, which is computed in halves on a CPU. */
    private List<NDArray> gradients(MicroBatch microBatch, double share) {
        List<? extends MicroBatch> parts = model.sideBySide().isInHalves() ? microBatch.halves() : List.of(microBatch);
        List<Supplier<NDArray[]>> things = new ArrayList<>();
        for (MicroBatch part : parts) {
            int seed = seeds.nextInt(Integer.MAX_VALUE);
            things.add(() -> model.lossAndGradients(part, seed, arrays));
        }
        List<NDArray[]> computed = model.sideBySide().all(things);
        for (int i = 0; i < parts.size(); i++) {
            losses.add(computed.get(i)[0]);
            shares.add(share * parts.get(i).count() / microBatch.count());
        }
        List<NDArray> first = gradients(computed.get(0));
        if (parts.size() > 1) {
            List<NDArray> second = gradients(computed.get(1));
            double shareOfSecond = parts.get(1).count() / microBatch.count();
            model.inHalves((from, to) -> optimizer
                    .infer(arrays, "mean", first.subList(from, to), second.subList(from, to), shareOfSecond)
                    .close());
            second.forEach(NDArray::close);
        }
        return first;
    }

    private static List<NDArray> gradients(NDArray[] lossAndGradients) {
        return Arrays.asList(lossAndGradients).subList(1, lossAndGradients.length);
    }

    /** Clips the norm of all gradients together, as far as they may change weights; 0 means no clipping. */
    public void clip(double maxNorm) {
        model.keepDirections(gradients);
        clip = optimizer.infer(
                arrays, "clip_coefficient", gradients, maxNorm == 0 ? Double.POSITIVE_INFINITY : maxNorm);
    }

    /** Returns the mean loss of the examples before the update, which a GPU may still compute. The caller closes it. */
    public StepLoss loss() {
        return StepLoss.of(model, losses, shares, clipCoefficient());
    }

    /** Returns the gradients in the order of the model's parameters, not yet divided by the {@link #clipCoefficient}. */
    List<NDArray> gradients() {
        return gradients;
    }

    /** Returns the divisor of the gradients and their norm. */
    NDArray clipCoefficient() {
        return Objects.requireNonNull(clip, "clip() comes first");
    }

    @Override
    public void close() {
        arrays.close();
    }
}
