package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Program;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.StoredWeights;
import dev.anneal.transformer.weights.WeightNames;
import dev.anneal.transformer.weights.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A model in memory: configuration, weights, and the program that computes it. */
public final class Model implements AutoCloseable {
    /** The objective that trains on targets: the loss of the head. */
    public static final String SUPERVISED = "supervised";

    private final NDManager manager;
    private final ModelConfig config;
    private final Head head;
    private final WeightNames names;
    private final @Nullable Lora lora;
    private final Weights weights;
    private final Program program;
    private @Nullable TargetScale targetScale;
    /** Copies batches to a GPU; null on a CPU. */
    private @Nullable Program host;

    private Model(
            NDManager manager,
            ModelConfig config,
            Head head,
            WeightNames names,
            @Nullable Lora lora,
            Weights weights,
            Program program) {
        this.manager = manager;
        this.config = config;
        this.head = head;
        this.names = names;
        this.lora = lora;
        this.weights = weights;
        this.program = program;
        if (manager.getDevice().isGpu()) {
            placeBatches();
        }
    }

    /** Loads a model whose directory contains all weights, those of the head too. */
    public static Model load(Path directory, ModelConfig config, Head head, String device) {
        return load(directory, config, head, device, 0, null, (name, shape) -> {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + " has no tensor "
                    + head.fileNames().get(name));
        });
    }

    /**
     * Loads a model for training.
     *
     * @param config the configuration that the trained model will have
     * @param frozen number of the lowest layers that are not trained and have no dropout
     * @param lora the adapters to train, or null
     * @param initial returns the initial values, in row order, of weights that the directory lacks: those of a new head and
     *     of adapters
     */
    public static Model load(
            Path directory,
            ModelConfig config,
            Head head,
            String device,
            int frozen,
            @Nullable Lora lora,
            BiFunction<String, Shape, float[]> initial) {
        return load(directory, config, head, SUPERVISED, device, frozen, lora, false, initial);
    }

    /**
     * Loads a model that is to be trained with the loss of an objective, which is the name of a program file.
     *
     * @param newHead whether all weights of the head get initial values, also those that the directory has
     */
    public static Model load(
            Path directory,
            ModelConfig config,
            Head head,
            String objective,
            String device,
            int frozen,
            @Nullable Lora lora,
            boolean newHead,
            BiFunction<String, Shape, float[]> initial) {
        Architecture architecture = Architecture.of(config);
        WeightNames names = new WeightNames(architecture, head);
        Map<String, StoredTensor> stored = names.toProgram(StoredWeights.read(directory));
        if (newHead) {
            stored.keySet().removeAll(head.shapes().keySet());
        } else if (!ModelConfig.read(directory).hasHead(config)) {
            stored.keySet().removeIf(Head::dependsOnLabels);
        }
        NDManager manager = Torch.manager(device);
        try {
            Weights weights = new Weights(manager);
            Map<String, Shape> ofEncoder = new LinkedHashMap<>(architecture.shapes(config));
            ofEncoder.keySet().removeAll(head.shapes().keySet());
            ofEncoder.forEach((name, shape) -> weights.add(name, required(stored, name, shape)));
            head.shapes().forEach((name, shape) -> {
                if (stored.containsKey(name)) {
                    weights.add(name, required(stored, name, shape));
                } else {
                    weights.add(name, shape, initial.apply(name, shape));
                }
            });
            if (lora != null) {
                lora.addTo(weights, names, head, initial);
            }
            Map<String, Object> settings = new HashMap<>(architecture.settings(config));
            settings.put("frozen", frozen);
            settings.put("attention_drop", architecture.attentionDropout(config));
            Map<String, String> roles = new HashMap<>(Map.of("objective", objective));
            if (head.program() != null) {
                roles.put("head", head.program());
            }
            Program program = Program.load(manager, architecture.program(), settings, roles);
            return new Model(manager, config, head, names, lora, weights, program);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    static StoredTensor required(Map<String, StoredTensor> stored, String name, Shape shape) {
        StoredTensor tensor = stored.get(name);
        if (tensor == null) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + " has no tensor " + name);
        }
        if (!new Shape(tensor.shape()).equals(shape)) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + ": tensor " + name + " has the shape "
                    + new Shape(tensor.shape()) + ", but config.json requires " + shape);
        }
        if (!Weights.TYPES.contains(tensor.dtype())) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + ": tensor " + name + " is stored as " + tensor.dtype()
                    + ". Supported types: F32, F16, BF16.");
        }
        return tensor;
    }

    /**
     * Lets the head compute standardized numbers, which the program converts. It is called before anything is computed.
     *
     * @param keepsHead whether the head is that of the base model, which computes the numbers themselves
     */
    public void standardize(TargetScale scale, boolean keepsHead) {
        targetScale = scale;
        scale.addTo(weights, keepsHead);
    }

    public ModelConfig config() {
        return config;
    }

    public Head head() {
        return head;
    }

    public SortedMap<String, NDArray> weights() {
        return weights.arrays();
    }

    /** Returns the weight with a name that the model has. */
    public NDArray weight(String name) {
        return Objects.requireNonNull(weights().get(name), name);
    }

    /** Returns whether a name is that of the matrix or the bias of a linear layer. */
    public boolean isOfLinearLayer(String name) {
        NDArray matrix = weights().get(name.replaceFirst("\\.bias$", ".weight"));
        return matrix != null
                && matrix.getShape().dimension() == 2
                && !architecture().isEmbedding(name);
    }

    /**
     * Replaces the weights of the linear layers by copies in bf16. From then on, the model can only be computed in inference
     * mode.
     */
    void round() {
        Map<String, NDArray> linear = new TreeMap<>();
        weights().forEach((name, array) -> {
            // The numbers of a regression may be large, and close to each other.
            boolean computesNumber = head.task() == Task.TEXT_REGRESSION && name.startsWith("classifier.");
            if (isOfLinearLayer(name) && !computesNumber) {
                linear.put(name, array);
            }
        });
        try (Program served = Program.load(manager, "served", Map.of(), Map.of())) {
            boolean packed = !manager.getDevice().isGpu() && canPack(served);
            weights.replace(linear.keySet(), served.prepare("prepare", weights.dictionary(), linear, packed));
        }
    }

    /** Returns whether libtorch was built with the library that computes with packed weights. */
    private static boolean canPack(Program served) {
        try (Argument packed = served.prepare("packed")) {
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Returns a new owner of arrays on the device of the model. */
    public NDManager newManager() {
        return manager.newSubManager();
    }

    /** Returns a new owner of the arrays of batches, which are on the host. */
    public NDManager newBatchManager() {
        return Torch.onHost(manager);
    }

    /** Treats batches as for a GPU from now on, for a test on a CPU. */
    void placeBatches() {
        host = Program.load(manager, "host", Map.of(), Map.of());
    }

    /** Returns the result of a method of the program in inference mode; the weights become its first argument. */
    public NDArray infer(NDManager manager, String method, Object... arguments) {
        return program.infer(manager, method, withWeights(manager, arguments));
    }

    /** Returns the weights as an argument of a program, some of them replaced. The caller closes it. */
    public Argument weightsWith(Map<String, NDArray> others) {
        Map<String, NDArray> all = new HashMap<>(weights.arrays());
        all.putAll(others);
        return Argument.of(all);
    }

    /** Does the same as {@link #train} with the given weights. */
    public NDArray[] trainWith(Argument weights, NDManager manager, String method, Object... arguments) {
        Object[] all = withWeights(manager, arguments);
        all[0] = weights;
        return program.train(manager, method, all);
    }

    /** Returns the list that a method of the program returns, with gradients enabled. */
    public NDArray[] train(NDManager manager, String method, Object... arguments) {
        return program.train(manager, method, withWeights(manager, arguments));
    }

    @SuppressWarnings("unchecked")
    private Object[] withWeights(NDManager owner, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = weights.dictionary();
        Program copier = host;
        for (int i = 0; i < arguments.length; i++) {
            all[i + 1] = copier != null && arguments[i] instanceof Map<?, ?>
                    ? placed(owner, copier, (Map<String, NDArray>) arguments[i])
                    : arguments[i];
        }
        return all;
    }

    /** Returns the copies of a batch for the device, for which nothing waits, and beside them what is on the host. */
    private Map<String, NDArray> placed(NDManager owner, Program copier, Map<String, NDArray> batch) {
        List<String> names = List.copyOf(batch.keySet());
        List<NDArray> arrays = names.stream().map(batch::get).toList();
        NDArray like = weights.arrays().values().iterator().next();
        NDArray[] copies =
                copier.train(owner, "place", arrays, like); // not in inference mode: gradients depend on them
        Map<String, NDArray> all = new HashMap<>();
        for (int i = 0; i < copies.length; i++) {
            all.put(names.get(i), copies[i]);
            all.put("host." + names.get(i), arrays.get(i));
        }
        return all;
    }

    public Architecture architecture() {
        return names.architecture();
    }

    /** Returns null if the model has no adapters. */
    public @Nullable Lora lora() {
        return lora;
    }

    /** Returns the tensors for the model's files; adapters are merged into their matrices. */
    SortedMap<String, StoredTensor> stored() {
        SortedMap<String, StoredTensor> stored = new TreeMap<>();
        weights.arrays().forEach((name, array) -> {
            if (name.endsWith(".weight") && weights.arrays().containsKey(name.replaceFirst("\\.weight$", Lora.A))) {
                boolean transposed = architecture().isTransposed(name);
                stored.put(
                        names.toFile(name),
                        new StoredTensor("F32", array.getShape().getShape(), () -> {
                            // A copy on the heap, because the native buffer is freed with its array.
                            try (NDArray merged = Lora.merged(weights, name, transposed)) {
                                return merged.getDevice().isGpu() ? Weights.bytes(merged) : merged.toByteBuffer();
                            }
                        }));
            } else if (!Lora.isAdapter(name) && !name.equals(Lora.SCALE) && !TargetScale.isPart(name)) {
                stored.put(names.toFile(name), stored(name, array));
            }
        });
        return stored;
    }

    private StoredTensor stored(String name, NDArray array) {
        return targetScale == null ? Weights.stored(array) : targetScale.stored(name, array);
    }

    /** Writes the adapters alone, if there are any, in the format of peft. */
    void writeAdapter(Path directory, String baseModel) throws IOException {
        if (lora != null) {
            lora.write(directory, weights, names, head, baseModel, this::stored);
        }
    }

    @Override
    public void close() {
        if (host != null) {
            host.close();
        }
        program.close();
        weights.close();
        manager.close();
    }
}
