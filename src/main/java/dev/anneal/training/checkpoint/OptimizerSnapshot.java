package dev.anneal.training.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.training.optimizer.TrainableModel;
import dev.anneal.transformer.weights.StoredTensor;
import dev.anneal.transformer.weights.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tensors of a checkpoint: the trained weights, the state of the optimizer, and the reference of the round-trip check. */
public record OptimizerSnapshot(TrainableModel model, AdamW optimizer, RoundTripCheck check) {
    private static final String CHECK = "probe";

    public SortedMap<String, StoredTensor> tensors() {
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        arrays().forEach((name, array) -> tensors.put(name, Weights.stored(array)));
        float[] expected = check.expected();
        if (expected != null) {
            tensors.put(CHECK, new StoredTensor("F32", new long[] {expected.length}, () -> bytes(expected)));
        }
        return tensors;
    }

    private SortedMap<String, NDArray> arrays() {
        SortedMap<String, NDArray> arrays = new TreeMap<>(model.tensors());
        arrays.putAll(optimizer.tensors());
        return arrays;
    }

    private static ByteBuffer bytes(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return bytes;
    }

    /** Restores all tensors, or none if one of them is missing or has another shape. */
    public void restore(SortedMap<String, StoredTensor> tensors, Checkpoint checkpoint) throws Checkpoint.Unusable {
        SortedMap<String, NDArray> arrays = arrays();
        for (Map.Entry<String, NDArray> array : arrays.entrySet()) {
            StoredTensor found = tensors.get(array.getKey());
            if (found == null
                    || !found.dtype().equals("F32")
                    || !Arrays.equals(found.shape(), array.getValue().getShape().getShape())) {
                throw new Checkpoint.Unusable("its tensor '" + array.getKey()
                        + "' is missing or has another shape, so another job or another version wrote it");
            }
        }
        arrays.forEach((name, array) -> {
            ByteBuffer values =
                    Objects.requireNonNull(tensors.get(name)).bytes().get();
            try (NDArray mapped = array.getManager().create(values, array.getShape(), DataType.FLOAT32)) {
                model.copy(array, mapped);
            }
        });
        model.restored(checkpoint.contents().deferredDecay());
        if (tensors.containsKey(CHECK)) {
            StoredTensor stored = tensors.get(CHECK);
            float[] expected = new float[Math.toIntExact(stored.count())];
            stored.bytes().get().asFloatBuffer().get(expected);
            check.restore(expected);
        }
    }
}
