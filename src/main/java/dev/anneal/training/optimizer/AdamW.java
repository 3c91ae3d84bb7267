package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.training.optimizer.TrainableModel.Parameter;
import dev.anneal.transformer.program.Argument;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Updates the trained weights of a model by AdamW
 * (<a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, 2017</a>).
 */
public final class AdamW implements AutoCloseable {
    /** Parameters {@code from} to before {@code to}, which have one rate and one decay; with their moments and step counts. */
    private record Group(double rate, double decay, int from, int to, List<Argument> state) {}

    private final TrainableModel model;
    private final Hyperparameters hyperparameters;
    private final NDManager arrays;
    private final SortedMap<String, NDArray> tensors = new TreeMap<>();
    private final List<Group> groups = new ArrayList<>();

    public AdamW(TrainableModel model, Hyperparameters hyperparameters) {
        this.model = model;
        this.hyperparameters = hyperparameters;
        this.arrays = model.newManager();
        List<Parameter> all = model.parameters();
        for (int from = 0; from < all.size(); ) {
            Parameter first = all.get(from);
            int to = from + 1;
            while (to < all.size()
                    && to != model.middle()
                    && all.get(to).rate() == first.rate()
                    && all.get(to).isMatrix() == first.isMatrix()) {
                to++;
            }
            double decay = first.isMatrix() ? hyperparameters.weightDecay() : 0;
            groups.add(new Group(first.rate(), decay, from, to, state(all.subList(from, to))));
            from = to;
        }
    }

    private List<Argument> state(List<Parameter> parameters) {
        return List.of(
                Argument.of(parameters.stream().map(Parameter::array).toList()),
                Argument.of(parameters.stream().map(Parameter::copy).toList()),
                zeros("exp_avg.", parameters, false),
                zeros("exp_avg_sq.", parameters, false),
                zeros("step.", parameters, true));
    }

    private Argument zeros(String prefix, List<Parameter> parameters, boolean scalar) {
        List<NDArray> zeros = new ArrayList<>();
        for (Parameter parameter : parameters) {
            NDArray zero = arrays.zeros(scalar ? new Shape() : parameter.array().getShape());
            tensors.put(prefix + parameter.name(), zero);
            zeros.add(zero);
        }
        return Argument.of(zeros);
    }

    /** Updates the weights by the clipped gradients of a step. */
    public void update(TrainStep step, double learningRate) {
        model.inHalves((from, to) -> groups.stream()
                .filter(group -> from <= group.from() && group.to() <= to)
                .forEach(group -> update(group, step, learningRate)));
        model.keepNearBase(learningRate);
        model.deferDecay(learningRate, hyperparameters.weightDecay());
    }

    private void update(Group group, TrainStep step, double learningRate) {
        List<Object> arguments = new ArrayList<>(group.state());
        arguments.add(step.gradients().subList(group.from(), group.to()));
        arguments.add(learningRate * group.rate());
        arguments.add(group.decay());
        arguments.add(hyperparameters.adamBeta2());
        arguments.add(step.clipCoefficient());
        model.optimizer().infer(arrays, "update", arguments.toArray()).close();
    }

    /** Returns the moments and step counts that a checkpoint keeps, by their names in it. */
    public SortedMap<String, NDArray> tensors() {
        return Collections.unmodifiableSortedMap(tensors);
    }

    @Override
    public void close() {
        groups.forEach(group -> group.state().forEach(Argument::close));
        arrays.close();
    }
}
