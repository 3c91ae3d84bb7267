package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.spec.Hyperparameters;
import dev.anneal.spec.Method;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A model with the weights that are trained, which can compute its loss and the gradients of those weights. */
public final class TrainableModel implements AutoCloseable {
    /** A trained weight; {@code rate} multiplies the learning rate. Matrices decay, biases and the weights of norms do not. */
    record Parameter(String name, NDArray array, double rate) {
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
    private final boolean bf16;
    private final NDManager manager;
    private final Program optimizer;
    private final Argument trained;
    /** All weights with the sparse embeddings in place of the table, if the embeddings are sparse. */
    private final @Nullable Argument weights;

    /** A model to train; with {@code sparse}, the tokens of all batches are numbered by it. */
    public TrainableModel(
            Model model,
            Method method,
            Hyperparameters hyperparameters,
            Precision precision,
            @Nullable SparseEmbeddings sparse) {
        this.model = model;
        this.sparse = sparse;
        this.dropout = hyperparameters.dropout();
        this.adapterDropout = model.lora() == null ? 0 : model.lora().dropout();
        this.bf16 = precision == Precision.BF16;
        this.manager = model.newManager();
        this.optimizer = Program.load(manager, "optimizer", Map.of(), Map.of());
        new TrainedWeights(model, method, hyperparameters.layerwiseLrDecay())
                .rates()
                .forEach((name, rate) -> {
                    NDArray array =
                            sparse != null && isTokenEmbeddings(name) ? sparse.embeddings() : model.weight(name);
                    array.setRequiresGradient(true);
                    parameters.add(new Parameter(name, array, rate));
                });
        parameters.sort(BY_RATE_AND_DECAY);
        this.trained = Argument.of(parameters.stream().map(Parameter::array).toList());
        this.weights =
                sparse == null ? null : model.weightsWith(model.architecture().tokenEmbeddings(), sparse.embeddings());
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

    /** Returns the mean loss of a micro-batch and its gradients in the order of the parameters, which belong to the manager. */
    NDArray[] lossAndGradients(MicroBatch microBatch, NDManager owner) {
        try (NDManager inputs = model.newManager()) {
            Object[] arguments = {trained, microBatch.tensors(inputs), dropout, adapterDropout, bf16};
            return weights == null
                    ? model.train(owner, "gradients", arguments)
                    : model.trainWith(weights, owner, "gradients", arguments);
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

    /** Continues with the deferred decay of a checkpoint. */
    public void restoreDeferredDecay(double factor) {
        if (sparse != null) {
            sparse.restoreDeferredDecay(factor);
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
        return tensors;
    }

    /** Copies the values of one array to another, which may be a trained weight. */
    public void copy(NDArray to, NDArray from) {
        optimizer.infer(manager, "copy", to, from).close();
    }

    @Override
    public void close() {
        trained.close();
        if (weights != null) {
            weights.close();
        }
        optimizer.close();
        manager.close();
    }
}
