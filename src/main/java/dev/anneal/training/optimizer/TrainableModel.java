package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.TargetScale;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model with the weights that are trained, which can compute its loss and the gradients of those weights. */
public final class TrainableModel implements AutoCloseable {
    /**
     * A trained weight; {@code rate} multiplies the learning rate. The program computes with the copy, which has fewer bits or is
     * the weight itself. Matrices decay, biases and the weights of norms do not.
     */
    record Parameter(String name, NDArray array, NDArray copy, double rate) {
        boolean isMatrix() {
            return array.getShape().dimension() > 1;
        }
    }

    private static final Comparator<Parameter> BY_RATE_AND_DECAY = Comparator.comparingDouble(Parameter::rate)
            .thenComparing(Parameter::isMatrix)
            .reversed();

    private final Model model;
    private final @Nullable SparseEmbeddings sparse;
    private final List<Parameter> parameters = new ArrayList<>();
    private final double dropout;
    private final double adapterDropout;
    private final boolean checkpointing;
    private final NDManager manager;
    private final SideBySide sideBySide;
    private final Program optimizer;
    private final Argument trained;
    /** The arrays that the program computes with in place of the weights of the same names. */
    private final Map<String, NDArray> others = new HashMap<>();
    /** All weights, or those in their place. */
    private final Argument weights;

    private final int middle;
    private final @Nullable BaseWeights base;

    /**
     * A model to train.
     *
     * @param checkpointing whether the layers are computed again in the backward pass, which saves their activations
     * @param sparse numbers the tokens of all batches, or null
     */
    public TrainableModel(
            Model model,
            Method method,
            Hyperparameters hyperparameters,
            Precision precision,
            boolean checkpointing,
            @Nullable SparseEmbeddings sparse) {
        this.model = model;
        this.sparse = sparse;
        this.dropout = hyperparameters.dropout();
        this.adapterDropout = model.lora() == null ? 0 : model.lora().dropout();
        this.checkpointing = checkpointing;
        this.manager = model.newManager();
        this.sideBySide = new SideBySide(manager);
        this.optimizer = Program.load(manager, "optimizer", Map.of(), Map.of());
        if (precision == Precision.BF16) {
            roundLinearLayers();
        }
        if (sparse != null) {
            others.put(model.architecture().tokenEmbeddings(), sparse.embeddings());
        }
        new TrainedWeights(model, method, hyperparameters.layerwiseLrDecay())
                .rates()
                .forEach((name, rate) -> {
                    NDArray array =
                            sparse != null && isTokenEmbeddings(name) ? sparse.embeddings() : model.weight(name);
                    NDArray copy = others.getOrDefault(name, array);
                    copy.setRequiresGradient(true);
                    parameters.add(new Parameter(name, array, copy, rate));
                });
        parameters.sort(BY_RATE_AND_DECAY);
        this.middle = findMiddle();
        this.trained = Argument.of(parameters.stream().map(Parameter::copy).toList());
        this.weights = model.weightsWith(others);
        this.base = BaseWeights.of(
                parameters, hyperparameters, name -> BaseWeights.isOfBase(model.head(), name), optimizer, manager);
    }

    /** Copies the weights of all linear layers in bf16. The embeddings keep their precision. */
    private void roundLinearLayers() {
        List<String> names =
                model.weights().keySet().stream().filter(model::isOfLinearLayer).toList();
        NDArray[] copies = optimizer.train(
                manager, "rounded", names.stream().map(model::weight).toList());
        for (int i = 0; i < copies.length; i++) {
            others.put(names.get(i), copies[i]);
        }
    }

    private boolean isTokenEmbeddings(String name) {
        return name.equals(model.architecture().tokenEmbeddings());
    }

    /** Returns the trained weights, those of the same rate and decay side by side: the order of all gradients. */
    List<Parameter> parameters() {
        return parameters;
    }

    /** Returns the names of the trained weights. */
    public List<String> names() {
        return parameters.stream().map(Parameter::name).toList();
    }

    /** Returns the program that changes gradients and weights in place. */
    Program optimizer() {
        return optimizer;
    }

    NDManager newManager() {
        return model.newManager();
    }

    /** Returns what computes two parts of a step at once. */
    SideBySide sideBySide() {
        return sideBySide;
    }

    /** Does something with the parameters before {@link #middle} and with the others, at once if that is possible. */
    void inHalves(BiConsumer<Integer, Integer> range) {
        sideBySide.all(List.of(part(range, 0, middle), part(range, middle, parameters.size())));
    }

    private static Supplier<Boolean> part(BiConsumer<Integer, Integer> range, int from, int to) {
        return () -> {
            if (from < to) {
                range.accept(from, to);
            }
            return true;
        };
    }

    /** Returns the number of the parameter before which half of all their numbers are. */
    int middle() {
        return middle;
    }

    private int findMiddle() {
        long left = parameters.stream().mapToLong(each -> each.array().size()).sum() / 2;
        int count = 0;
        while (count < parameters.size() && left > parameters.get(count).array().size() / 2) {
            left -= parameters.get(count).array().size();
            count++;
        }
        return count;
    }

    /**
     * Returns the mean loss of a micro-batch and its gradients in the order of the parameters, which belong to the manager.
     *
     * @param seed determines the dropout
     */
    NDArray[] lossAndGradients(MicroBatch microBatch, long seed, NDManager owner) {
        try (NDManager inputs = model.newBatchManager()) {
            return model.trainWith(
                    weights,
                    owner,
                    "gradients",
                    trained,
                    microBatch.tensors(inputs),
                    seed,
                    dropout,
                    adapterDropout,
                    checkpointing);
        }
    }

    /** Removes from gradients what would change the main directions of the base model, if these are kept. */
    void keepDirections(List<NDArray> gradients) {
        if (base != null) {
            inHalves((from, to) -> base.project(gradients, from, to));
        }
    }

    /** Brings the weights closer to those of the base model after an update, if the job asks for that. */
    void keepNearBase(double learningRate) {
        if (base != null) {
            inHalves((from, to) -> base.keep(learningRate, from, to));
        }
    }

    /** Decays the embeddings that have no gradient later. */
    void deferDecay(double learningRate, double weightDecay) {
        for (Parameter parameter : parameters) {
            if (sparse != null && isTokenEmbeddings(parameter.name())) {
                sparse.deferDecay(1 - learningRate * parameter.rate() * weightDecay);
            }
        }
    }

    public double deferredDecay() {
        return sparse == null ? 1 : sparse.deferredDecay();
    }

    /** Brings the weights of the model up to date, so that it can be evaluated or saved. */
    public void flushDeferredDecay() {
        if (sparse != null) {
            sparse.flushDeferredDecay(optimizer, manager);
        }
    }

    /** Continues with the weights and the deferred decay of a checkpoint. */
    public void restored(double deferredDecay) {
        parameters.forEach(parameter -> copy(parameter.copy(), parameter.array()));
        if (sparse != null) {
            sparse.restoreDeferredDecay(deferredDecay);
        }
    }

    /** Returns the arrays that a checkpoint keeps, by their names in it. */
    public SortedMap<String, NDArray> tensors() {
        SortedMap<String, NDArray> tensors = new TreeMap<>();
        for (Parameter parameter : parameters) {
            tensors.put("weight." + parameter.name(), parameter.array());
            if (sparse != null && isTokenEmbeddings(parameter.name())) {
                tensors.put("all." + parameter.name(), sparse.table());
            }
        }
        // A checkpoint without the scale is unusable.
        model.weights().forEach((name, array) -> {
            if (TargetScale.isPart(name)) {
                tensors.put("weight." + name, array);
            }
        });
        return tensors;
    }

    /** Copies the values of one array to another, which may be a trained weight. */
    public void copy(NDArray to, NDArray from) {
        optimizer.infer(manager, "copy", to, from).close();
    }

    @Override
    public void close() {
        sideBySide.close();
        trained.close();
        weights.close();
        optimizer.close();
        manager.close();
    }
}
