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

    /** Copies a stored tensor to the device. */
    void add(String name, StoredTensor tensor) {
        if (!tensor.dtype().equals("F32")) {
            throw new ModelException("tensor " + name + " is stored as " + tensor.dtype() + ", supported is F32");
        }
        NDArray mapped = manager.create(tensor.bytes().get(), new Shape(tensor.shape()), DataType.FLOAT32);
        add(name, mapped.duplicate());
        mapped.close();
    }

    void add(String name, NDArray array) {
        array.setName(name);
        arrays.put(name, array);
    }

    public SortedMap<String, NDArray> arrays() {
        return Collections.unmodifiableSortedMap(arrays);
    }

    /** All of them as the argument {@code w} of a program. */
    public IValue dictionary() {
        if (dictionary == null) {
            dictionary = Program.value(arrays);
        }
        return dictionary;
    }

    /** All of them as they are stored; names become those of the file. */
    SortedMap<String, StoredTensor> stored(Architecture architecture) {
        SortedMap<String, StoredTensor> stored = new TreeMap<>();
        arrays.forEach((name, array) -> stored.put(
                architecture.toFile(name),
                new StoredTensor("F32", array.getShape().getShape(), array::toByteBuffer)));
        return stored;
    }

    @Override
    public void close() {
        if (dictionary != null) {
            dictionary.close();
        }
        arrays.values().forEach(NDArray::close);
    }
}
