package dev.anneal.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The weights of a model on its device, by their names in the program, all fp32. */
public final class Weights implements AutoCloseable {
    private final PtNDManager manager;
    private final SortedMap<String, NDArray> arrays = new TreeMap<>();
    private IValue dictionary;

    Weights(PtNDManager manager) {
        this.manager = manager;
    }

    /** Copies a stored tensor to the device; numbers of 16 bits are widened. */
    void add(String name, StoredTensor tensor) {
        DataType type = switch (tensor.dtype()) {
            case "F32" -> DataType.FLOAT32;
            case "F16" -> DataType.FLOAT16;
            case "BF16" -> DataType.BFLOAT16;
            default ->
                throw new ModelException(
                        "tensor " + name + " is stored as " + tensor.dtype() + ", supported are F32, F16 and BF16");
        };
        NDArray mapped = manager.create(tensor.bytes().get(), new Shape(tensor.shape()), type);
        // libtorch does not copy what has the type already, and the map can only be read.
        add(name, type == DataType.FLOAT32 ? mapped.duplicate() : mapped.toType(DataType.FLOAT32, true));
        mapped.close();
    }

    void add(String name, NDArray array) {
        array.setName(name);
        arrays.put(name, array);
    }

    void add(String name, Shape shape, float[] values) {
        add(name, manager.create(values, shape));
    }

    /** As a safetensors file has it. */
    static StoredTensor stored(NDArray array) {
        return new StoredTensor("F32", array.getShape().getShape(), () -> array.toByteBuffer(true));
    }

    public SortedMap<String, NDArray> arrays() {
        return Collections.unmodifiableSortedMap(arrays);
    }

    /** All of them as the argument {@code w} of a program. */
    public synchronized IValue dictionary() {
        if (dictionary == null) {
            dictionary = Program.value(arrays);
        }
        return dictionary;
    }

    @Override
    public void close() {
        if (dictionary != null) {
            dictionary.close();
        }
        arrays.values().forEach(NDArray::close);
    }
}
