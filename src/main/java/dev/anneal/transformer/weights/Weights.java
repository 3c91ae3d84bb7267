package dev.anneal.transformer.weights;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.program.Argument;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The weights of a model on its device, by their names in the program, all fp32. */
public final class Weights implements AutoCloseable {
    public static final Set<String> TYPES = Set.of("F32", "F16", "BF16");
    private static final int PART = 1 << 20;

    private final NDManager manager;
    private final SortedMap<String, NDArray> arrays = new TreeMap<>();
    private @Nullable Argument dictionary;

    public Weights(NDManager manager) {
        this.manager = manager;
    }

    /** Copies a stored tensor to the device; 16-bit numbers are converted to fp32. */
    public void add(String name, StoredTensor tensor) {
        Shape shape = new Shape(tensor.shape());
        if (tensor.dtype().equals("BF16")) {
            add(name, widened(tensor.bytes().get().asShortBuffer(), shape));
            return;
        }
        DataType type = tensor.dtype().equals("F16") ? DataType.FLOAT16 : DataType.FLOAT32;
        NDArray mapped = manager.create(tensor.bytes().get(), shape, type);
        // libtorch does not copy an array that has the type already, and the mapped file is read-only.
        add(name, type == DataType.FLOAT32 ? mapped.duplicate() : mapped.toType(DataType.FLOAT32, true));
        mapped.close();
    }

    /** BF16 is the upper half of FP32. DJL does not map it to libtorch: passing it would crash the process. */
    private NDArray widened(ShortBuffer halves, Shape shape) {
        NDArray array = manager.create(shape, DataType.FLOAT32);
        try (NDArray flat = array.reshape(-1)) {
            for (int from = 0; halves.hasRemaining(); from += PART) {
                float[] part = new float[Math.min(PART, halves.remaining())];
                for (int i = 0; i < part.length; i++) {
                    part[i] = Float.intBitsToFloat(halves.get() << 16);
                }
                try (NDArray numbers = manager.create(part)) {
                    flat.set(new NDIndex("{}:{}", from, from + part.length), numbers);
                }
            }
        }
        return array;
    }

    public void add(String name, NDArray array) {
        array.setName(name);
        arrays.put(name, array);
    }

    public void add(String name, Shape shape, float[] values) {
        add(name, manager.create(values, shape));
    }

    /** Returns an array in the form in which safetensors stores it. */
    public static StoredTensor stored(NDArray array) {
        return new StoredTensor("F32", array.getShape().getShape(), () -> bytes(array));
    }

    /**
     * Returns the numbers of an array, on a CPU its memory itself. For an array of a GPU, DJL would keep a copy on the host as long as
     * the array exists.
     */
    public static ByteBuffer bytes(NDArray array) {
        if (!array.getDevice().isGpu()) {
            return array.toByteBuffer(true);
        }
        try (NDArray copy = array.toDevice(Device.cpu(), true)) {
            ByteBuffer numbers = copy.toByteBuffer(true);
            return ByteBuffer.allocateDirect(numbers.remaining())
                    .order(ByteOrder.nativeOrder())
                    .put(numbers)
                    .flip();
        }
    }

    public SortedMap<String, NDArray> arrays() {
        return Collections.unmodifiableSortedMap(arrays);
    }

    /** Returns the weight of a name, which must exist. */
    public NDArray get(String name) {
        NDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("there is no weight " + name);
        }
        return array;
    }

    /** Returns all weights as the argument {@code w} of a program. */
    public synchronized Argument dictionary() {
        if (dictionary == null) {
            dictionary = Argument.of(arrays);
        }
        return dictionary;
    }

    /** Frees some weights and computes with the given dictionary from then on, which contains others in their place. */
    public synchronized void replace(Set<String> names, Argument dictionary) {
        dictionary().close();
        this.dictionary = dictionary;
        names.forEach(name -> {
            get(name).close();
            arrays.remove(name);
        });
    }

    @Override
    public void close() {
        if (dictionary != null) {
            dictionary.close();
        }
        arrays.values().forEach(NDArray::close);
    }
}
