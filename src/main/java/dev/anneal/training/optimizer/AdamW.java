package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.training.process.TrainingException;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Program;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.weights.StoredTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The training step of a model and the state of its optimizer, AdamW
 * (<a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, 2017</a>). Matrices decay; biases and the parameters
 * of norms do not.
 */
public final class AdamW implements AutoCloseable {
    /** A part of the examples of a step, computed at once; its loss is the mean of {@code count} losses. */
    public interface Part {
        Map<String, NDArray> batch(NDManager manager);

        double count();
    }

    /** Weights with one rate and one decay: themselves, their moments, their step counts. */
    private record Group(double rate, double decay, int from, int to, List<Argument> state) {}

    private record Kind(double rate, boolean matrix) implements Comparable<Kind> {
        @Override
        public int compareTo(Kind other) {
            int byRate = Double.compare(other.rate, rate);
            return byRate != 0 ? byRate : Boolean.compare(other.matrix, matrix);
        }
    }

    private static final String WEIGHT = "weight.";
    private static final String STEPS = "step.";

    private final Model model;
    private final Hyperparameters hyperparameters;
    private final double adapterDropout;
    private double embeddingRate;
    private final boolean bf16;
    private final NDManager arrays;
    private final Program optimizer;
    private final SortedMap<String, NDArray> state = new TreeMap<>();
    private final List<Group> groups = new ArrayList<>();
    private final Argument trained;
    private final SparseEmbeddings used;
    /** All weights, those of used tokens in the place of all tokens'; null where there are none. */
    private final Argument weights;

    /** By what the embeddings of the other tokens have still to be multiplied. */
    private double owedDecay = 1;

    public AdamW(Model model, Method method, Hyperparameters hyperparameters, Precision precision) {
        this(model, method, hyperparameters, precision, null);
    }

    /** {@code used} may be null; where it is not, the tokens of all batches have the numbers that it gives them. */
    public AdamW(
            Model model, Method method, Hyperparameters hyperparameters, Precision precision, SparseEmbeddings used) {
        String embeddings = model.architecture().tokenEmbeddings();
        this.used = used;
        this.weights = used == null ? null : model.weightsWith(embeddings, used.embeddings());
        this.model = model;
        this.hyperparameters = hyperparameters;
        this.adapterDropout = model.lora() == null ? 0 : model.lora().dropout();
        this.bf16 = precision == Precision.BF16;
        this.arrays = model.newManager();
        this.optimizer = Program.load(arrays, "optimizer", Map.of(), null);
        Map<Kind, List<String>> kinds = new TreeMap<>();
        new TrainedWeights(model, method, hyperparameters.layerwiseLrDecay())
                .rates()
                .forEach((name, rate) -> {
                    boolean some = used != null && name.equals(embeddings);
                    NDArray weight = some ? used.embeddings() : model.weights().get(name);
                    if (some) {
                        embeddingRate = rate;
                    }
                    weight.setRequiresGradient(true);
                    state.put(WEIGHT + name, weight);
                    if (some) {
                        state.put("all." + name, model.weights().get(name));
                    }
                    kinds.computeIfAbsent(new Kind(rate, weight.getShape().dimension() > 1), k -> new ArrayList<>())
                            .add(name);
                });
        List<NDArray> all = new ArrayList<>();
        kinds.forEach((kind, names) -> {
            List<NDArray> weights =
                    names.stream().map(name -> state.get(WEIGHT + name)).toList();
            double decay = kind.matrix() ? hyperparameters.weightDecay() : 0;
            groups.add(new Group(kind.rate(), decay, all.size(), all.size() + weights.size(), values(names, weights)));
            all.addAll(weights);
        });
        trained = Argument.of(all);
    }

    private List<Argument> values(List<String> names, List<NDArray> weights) {
        List<Argument> values = new ArrayList<>(List.of(Argument.of(weights)));
        for (String kept : List.of("exp_avg.", "exp_avg_sq.", STEPS)) {
            List<NDArray> zeros = weights.stream()
                    .map(weight -> arrays.zeros(kept.equals(STEPS) ? new Shape() : weight.getShape()))
                    .toList();
            for (int i = 0; i < names.size(); i++) {
                state.put(kept + names.get(i), zeros.get(i));
            }
            values.add(Argument.of(zeros));
        }
        return values;
    }

    /** All that is trained, as it is, and what is known of it. */
    public SortedMap<String, NDArray> state() {
        return Collections.unmodifiableSortedMap(state);
    }

    /** The names of the weights that are trained. */
    public List<String> trained() {
        return state.keySet().stream()
                .filter(name -> name.startsWith(WEIGHT))
                .map(name -> name.substring(WEIGHT.length()))
                .toList();
    }

    public double owedDecay() {
        return owedDecay;
    }

    /** Goes on from such a state. */
    public void restore(Map<String, StoredTensor> stored, double owedDecay) {
        state.forEach((name, array) -> {
            try (NDArray mapped = arrays.create(stored.get(name).bytes().get(), array.getShape(), DataType.FLOAT32)) {
                copy(array, mapped);
            }
        });
        this.owedDecay = owedDecay;
    }

    /** Gives a weight the numbers of another array. */
    public void copy(NDArray to, NDArray from) {
        optimizer.infer(arrays, "copy", to, from).close();
    }

    /** Trains on the parts; returns their mean loss before the step. */
    public double step(List<? extends Part> parts, double learningRate, long seed) {
        Torch.seed(seed);
        List<? extends Part> taught =
                parts.stream().filter(part -> part.count() > 0).toList();
        double count = taught.stream().mapToDouble(Part::count).sum();
        try (NDManager step = model.newManager()) {
            double loss = 0;
            NDArray[] gradients = null;
            for (Part part : taught) {
                double share = part.count() / count;
                NDArray[] found = gradients(part, step);
                loss += share * found[0].getFloat();
                NDArray[] g = Arrays.copyOfRange(found, 1, found.length);
                gradients = taught.size() == 1 ? g : added(gradients, g, share, step);
            }
            double clip = hyperparameters.maxGradNorm() == 0 ? Double.POSITIVE_INFINITY : hyperparameters.maxGradNorm();
            NDArray shrink = optimizer.infer(step, "shrink", List.of(gradients), clip);
            if (!Double.isFinite(loss) || !Float.isFinite(shrink.getFloat(1))) {
                throw TrainingException.diverged();
            }
            for (Group group : groups) {
                List<Object> arguments = new ArrayList<>(group.state());
                arguments.add(Arrays.asList(gradients).subList(group.from(), group.to()));
                arguments.add(learningRate * group.rate());
                arguments.add(group.decay());
                arguments.add(shrink);
                optimizer.infer(step, "update", arguments.toArray());
            }
            owedDecay *= 1 - learningRate * embeddingRate * hyperparameters.weightDecay();
            return loss;
        }
    }

    /** Brings what was trained apart back into the model: before it is asked for anything. */
    public void settle() {
        if (used != null) {
            NDArray all = model.weights().get(model.architecture().tokenEmbeddings());
            optimizer
                    .infer(arrays, "spread", all, used.rows(), used.embeddings(), owedDecay)
                    .close();
            owedDecay = 1;
        }
    }

    private NDArray[] gradients(Part part, NDManager step) {
        try (NDManager inputs = model.newManager()) {
            Object[] arguments = {trained, part.batch(inputs), hyperparameters.dropout(), adapterDropout, bf16};
            return weights == null
                    ? model.train(step, "gradients", arguments)
                    : model.trainWith(weights, step, "gradients", arguments);
        }
    }

    private NDArray[] added(NDArray[] total, NDArray[] gradients, double share, NDManager step) {
        NDArray[] sum = total;
        if (sum == null) {
            sum = Arrays.stream(gradients).map(g -> step.zeros(g.getShape())).toArray(NDArray[]::new);
        }
        optimizer.infer(step, "add", List.of(sum), List.of(gradients), share).close();
        Arrays.stream(gradients).forEach(NDArray::close);
        return sum;
    }

    @Override
    public void close() {
        trained.close();
        if (weights != null) {
            weights.close();
        }
        groups.forEach(group -> group.state().forEach(Argument::close));
        optimizer.close();
        arrays.close();
    }
}
