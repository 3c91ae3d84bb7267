package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.optimizer.TrainableModel.Parameter;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Program;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The weights of the base model, near which the trained ones stay, so that the model forgets less. A pull moves each of them towards
 * that of the base by a share of the learning rate, as AdamW's decay moves them towards 0
 * (<a href="https://arxiv.org/abs/1802.01483">Li et al., 2018</a>). The main directions of each matrix, its first singular vectors,
 * stay as they are: neither gradients nor updates have a part in them
 * (<a href="https://arxiv.org/abs/2504.07097">Nayak et al., 2025</a>). Nothing of that is in a checkpoint, because it follows from the
 * base model.
 */
public final class BaseWeights {
    private final double pull;
    private final Program optimizer;
    private final NDManager arrays;
    private final List<Anchor> anchors;

    /** The base of a parameter, and the main directions of a matrix on its left and right, or null. */
    private record Anchor(
            int number,
            Parameter parameter,
            NDArray base,
            @Nullable NDArray left,
            @Nullable NDArray right) {}

    private BaseWeights(double pull, Program optimizer, NDManager arrays, List<Anchor> anchors) {
        this.pull = pull;
        this.optimizer = optimizer;
        this.arrays = arrays;
        this.anchors = anchors;
    }

    /**
     * Copies the weights before the first step; returns null if the job does not need them.
     *
     * @param isOfBase whether the base model has the weight of a name
     */
    static @Nullable BaseWeights of(
            List<Parameter> parameters,
            Hyperparameters hyperparameters,
            Predicate<String> isOfBase,
            Program optimizer,
            NDManager arrays) {
        if (!hyperparameters.staysNearBase()) {
            return null;
        }
        double ratio = hyperparameters.unfreezeRankRatio();
        List<Anchor> anchors = IntStream.range(0, parameters.size())
                .filter(i -> isOfBase.test(parameters.get(i).name()))
                .mapToObj(i -> anchor(i, parameters.get(i), ratio, optimizer, arrays))
                .toList();
        return new BaseWeights(hyperparameters.l2ToBase(), optimizer, arrays, anchors);
    }

    /** Returns whether the base model has a weight. A head is trained from the start, but that of a decoder. */
    public static boolean isOfBase(Head head, String name) {
        return head.task() == Task.CAUSAL_LM || !head.shapes().containsKey(name);
    }

    /** Returns the memory for a weight of the base model. */
    public static long bytes(Shape shape, double ratio) {
        int kept = shape.dimension() > 1 ? kept(shape.getShape(), ratio) : 0;
        return 4 * shape.size() + (kept == 0 ? 0 : 4 * kept * (shape.get(0) + shape.get(1)));
    }

    private static Anchor anchor(int number, Parameter parameter, double ratio, Program optimizer, NDManager arrays) {
        NDArray base = parameter.array().duplicate();
        base.attach(arrays);
        int kept = parameter.isMatrix() ? kept(base.getShape().getShape(), ratio) : 0;
        if (kept == 0) {
            return new Anchor(number, parameter, base, null, null);
        }
        NDArray[] directions = optimizer.inferAll(arrays, "directions", base, kept);
        return new Anchor(number, parameter, base, directions[0], directions[1]);
    }

    /** Returns how many main directions of a matrix stay as they are if this share of its rank may change. */
    static int kept(long[] shape, double ratio) {
        return Math.max(0, (int) Math.floor((1 - ratio) * Math.min(shape[0], shape[1])));
    }

    /** Removes from the gradients of some parameters what would change main directions. */
    void project(List<NDArray> gradients, int from, int to) {
        for (Anchor anchor : anchors) {
            if (from <= anchor.number() && anchor.number() < to && anchor.left() != null && anchor.right() != null) {
                optimizer
                        .infer(arrays, "without", gradients.get(anchor.number()), anchor.left(), anchor.right())
                        .close();
            }
        }
    }

    /** Brings some parameters closer to the base after an update. */
    void keep(double learningRate, int from, int to) {
        for (Anchor anchor : anchors) {
            if (from <= anchor.number() && anchor.number() < to) {
                keep(anchor, learningRate);
            }
        }
    }

    private void keep(Anchor anchor, double learningRate) {
        NDArray array = anchor.parameter().array();
        NDArray copy = anchor.parameter().copy();
        if (pull > 0) {
            double share = Math.min(1, pull * learningRate * anchor.parameter().rate());
            optimizer.infer(arrays, "pull", array, copy, anchor.base(), share).close();
        }
        if (anchor.left() != null && anchor.right() != null) {
            optimizer
                    .infer(arrays, "keep", array, copy, anchor.base(), anchor.left(), anchor.right())
                    .close();
        }
    }
}
