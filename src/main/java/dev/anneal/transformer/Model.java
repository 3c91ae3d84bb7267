package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
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
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** A model in memory: configuration, weights, and the program that computes it. */
public final class Model implements AutoCloseable {

    private final NDManager manager;
    private final ModelConfig config;
    private final Head head;
    private final WeightNames names;
    private final Lora lora;
    private final Weights weights;
    private final Program program;

    private Model(
            NDManager manager,
            ModelConfig config,
            Head head,
            WeightNames names,
            Lora lora,
            Weights weights,
            Program program) {
        this.manager = manager;
        this.config = config;
        this.head = head;
        this.names = names;
        this.lora = lora;
        this.weights = weights;
        this.program = program;
    }

    /** Loads a model whose directory holds every weight, those of the head too. */
    public static Model load(Path directory, ModelConfig config, Head head, String device) {
        return load(directory, config, head, device, 0, null, (name, shape) -> {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + " has no tensor "
                    + head.fileNames().get(name));
        });
    }

    /**
     * Loads a model that is to be trained.
     *
     * @param config the configuration that the trained model will have
     * @param frozen so many of the lowest layers are not trained, and have no dropout
     * @param lora low-rank corrections that are to be trained, or null
     * @param initial the first values of weights that are not in the directory, in row order: those of the head where the
     *     base model has another one, and those of the corrections
     */
    public static Model load(
            Path directory,
            ModelConfig config,
            Head head,
            String device,
            int frozen,
            Lora lora,
            BiFunction<String, Shape, float[]> initial) {
        Architecture architecture = Architecture.of(config);
        WeightNames names = new WeightNames(architecture, head);
        Map<String, StoredTensor> stored = names.toProgram(StoredWeights.read(directory));
        if (!ModelConfig.read(directory).hasHead(config)) {
            stored.keySet().removeIf(Head::dependsOnLabels);
        }
        NDManager manager = Torch.manager(device);
        try {
            Weights weights = new Weights(manager);
            architecture.shapes(config).forEach((name, shape) -> weights.add(name, required(stored, name, shape)));
            head.shapes().forEach((name, shape) -> {
                if (stored.containsKey(name)) {
                    weights.add(name, required(stored, name, shape));
                } else {
                    weights.add(name, shape, initial.apply(name, shape));
                }
            });
            if (lora != null) {
                lora.addTo(weights, names, initial);
            }
            Map<String, Object> settings = new HashMap<>(architecture.settings(config));
            settings.put("frozen", frozen);
            Program program = Program.load(manager, architecture.program(), settings, head.program());
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
            throw new ModelException(HuggingFaceFiles.WEIGHTS + ": tensor " + name + " has shape "
                    + new Shape(tensor.shape()) + ", config.json asks for " + shape);
        }
        if (!Weights.TYPES.contains(tensor.dtype())) {
            throw new ModelException(HuggingFaceFiles.WEIGHTS + ": tensor " + name + " is stored as " + tensor.dtype()
                    + ", supported are F32, F16 and BF16");
        }
        return tensor;
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

    /** A new owner of arrays on the device of the model. */
    public NDManager newManager() {
        return manager.newSubManager();
    }

    /** The result of a method of the program that takes the weights first, in inference mode. */
    public NDArray infer(NDManager manager, String method, Object... arguments) {
        return program.infer(manager, method, withWeights(arguments));
    }

    /** The weights as an argument of a program, one of them replaced; whoever made it closes it. */
    public Argument weightsWith(String name, NDArray other) {
        Map<String, NDArray> all = new HashMap<>(weights.arrays());
        all.put(name, other);
        return Argument.of(all);
    }

    /** The same as {@link #train} with weights of the caller's. */
    public NDArray[] trainWith(Argument weights, NDManager manager, String method, Object... arguments) {
        Object[] all = withWeights(arguments);
        all[0] = weights;
        return program.train(manager, method, all);
    }

    /** A result that is a list, with gradients. */
    public NDArray[] train(NDManager manager, String method, Object... arguments) {
        return program.train(manager, method, withWeights(arguments));
    }

    private Object[] withWeights(Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = weights.dictionary();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }

    public Architecture architecture() {
        return names.architecture();
    }

    /** Null where all weights are themselves. */
    public Lora lora() {
        return lora;
    }

    /** What the files of the model hold: low-rank corrections are merged into their matrices. */
    SortedMap<String, StoredTensor> stored() {
        SortedMap<String, StoredTensor> stored = new TreeMap<>();
        weights.arrays().forEach((name, array) -> {
            if (name.endsWith(".weight") && weights.arrays().containsKey(name.replaceFirst("\\.weight$", Lora.A))) {
                boolean transposed = architecture().isTransposed(name);
                stored.put(
                        names.toFile(name),
                        new StoredTensor("F32", array.getShape().getShape(), () -> {
                            // On the heap: what the native buffer holds goes with its array.
                            try (NDArray merged = Lora.merged(weights, name, transposed)) {
                                return merged.toByteBuffer();
                            }
                        }));
            } else if (!Lora.isAdapter(name) && !name.equals(Lora.SCALE)) {
                stored.put(names.toFile(name), Weights.stored(array));
            }
        });
        return stored;
    }

    /** Writes the low-rank corrections on their own, as peft loads them. */
    void writeAdapter(Path directory, String baseModel) throws IOException {
        lora.write(directory, weights, names, head, baseModel);
    }

    @Override
    public void close() {
        program.close();
        weights.close();
        manager.close();
    }
}
