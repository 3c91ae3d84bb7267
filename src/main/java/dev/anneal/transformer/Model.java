package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BiFunction;

/** A model in memory: configuration, weights, and the program that computes it. */
public final class Model implements AutoCloseable {
    public static final String WEIGHTS_FILE = "model.safetensors";

    private final PtNDManager manager;
    private final ModelConfig config;
    private final Head head;
    private final Weights weights;
    private final Program program;

    private Model(PtNDManager manager, ModelConfig config, Head head, Weights weights, Program program) {
        this.manager = manager;
        this.config = config;
        this.head = head;
        this.weights = weights;
        this.program = program;
    }

    /** Loads a model whose directory holds every weight, those of the head too. */
    static Model load(Path directory, ModelConfig config, Head head, String device) {
        return load(directory, config, head, device, false, (name, shape) -> {
            throw new ModelException(WEIGHTS_FILE + " has no tensor " + name);
        });
    }

    /**
     * Loads a model that is to be trained.
     *
     * @param config the configuration that the trained model will have
     * @param newClassifier whether the classifier in the directory, if there is one, is for something else
     * @param initial the first values of weights of the head that are not in the directory, in row order
     */
    public static Model load(
            Path directory,
            ModelConfig config,
            Head head,
            String device,
            boolean newClassifier,
            BiFunction<String, Shape, float[]> initial) {
        Architecture architecture = Architecture.of(config);
        Map<String, StoredTensor> stored = new HashMap<>();
        Safetensors.read(directory.resolve(WEIGHTS_FILE))
                .forEach((name, tensor) -> stored.put(architecture.toProgram(name), tensor));
        if (newClassifier) {
            stored.keySet().removeIf(name -> name.startsWith("classifier."));
        }
        PtNDManager manager = Torch.manager(device);
        try {
            Weights weights = new Weights(manager);
            architecture.shapes(config).forEach((name, shape) -> weights.add(name, required(stored, name, shape)));
            head.shapes().forEach((name, shape) -> {
                if (stored.containsKey(name)) {
                    weights.add(name, required(stored, name, shape));
                } else {
                    weights.add(name, manager.create(initial.apply(name, shape), shape));
                }
            });
            Program program =
                    Program.load(manager, architecture.program(), architecture.settings(config), head.program());
            return new Model(manager, config, head, weights, program);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    static StoredTensor required(Map<String, StoredTensor> stored, String name, Shape shape) {
        StoredTensor tensor = stored.get(name);
        if (tensor == null) {
            throw new ModelException(WEIGHTS_FILE + " has no tensor " + name);
        }
        if (!new Shape(tensor.shape()).equals(shape)) {
            throw new ModelException(WEIGHTS_FILE + ": tensor " + name + " has shape " + new Shape(tensor.shape())
                    + ", config.json asks for " + shape);
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
    public PtNDManager newManager() {
        return (PtNDManager) manager.newSubManager();
    }

    /** The result of a method of the program that takes the weights first, in inference mode. */
    public NDArray infer(PtNDManager manager, String method, Object... arguments) {
        return program.infer(manager, method, withWeights(arguments));
    }

    /** The same with gradients. */
    public NDArray train(PtNDManager manager, String method, Object... arguments) {
        return program.train(manager, method, withWeights(arguments));
    }

    private Object[] withWeights(Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = weights.dictionary();
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return all;
    }

    SortedMap<String, StoredTensor> stored() {
        return weights.stored(Architecture.of(config));
    }

    @Override
    public void close() {
        program.close();
        weights.close();
        manager.close();
    }
}
