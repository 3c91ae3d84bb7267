package dev.anneal.training.checkpoint;

import ai.djl.ndarray.NDArray;
import dev.anneal.training.optimizer.AdamW;
import dev.anneal.transformer.weights.StoredTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tensors of a checkpoint: those of the optimizer, and what the best model said about the probe. */
public record OptimizerSnapshot(AdamW optimizer, RoundTripCheck probe) {
    private static final String PROBE = "probe";

    public SortedMap<String, StoredTensor> tensors() {
        SortedMap<String, StoredTensor> tensors = new TreeMap<>();
        optimizer.state().forEach((name, array) -> tensors.put(name, stored(array)));
        float[] answer = probe.answer();
        if (answer != null) {
            tensors.put(PROBE, new StoredTensor("F32", new long[] {answer.length}, () -> bytes(answer)));
        }
        return tensors;
    }

    private static StoredTensor stored(NDArray array) {
        return new StoredTensor("F32", array.getShape().getShape(), () -> array.toByteBuffer(true));
    }

    private static ByteBuffer bytes(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return bytes;
    }

    /** Takes them over, all or none. */
    public void restore(SortedMap<String, StoredTensor> tensors, Checkpoint checkpoint) throws Checkpoint.Unusable {
        for (Map.Entry<String, NDArray> wanted : optimizer.state().entrySet()) {
            StoredTensor found = tensors.get(wanted.getKey());
            if (found == null
                    || !found.dtype().equals("F32")
                    || !Arrays.equals(
                            found.shape(), wanted.getValue().getShape().getShape())) {
                throw new Checkpoint.Unusable("it is of another training: " + wanted.getKey() + " differs");
            }
        }
        optimizer.restore(tensors, checkpoint.contents().owedDecay());
        if (tensors.containsKey(PROBE)) {
            StoredTensor stored = tensors.get(PROBE);
            float[] answer = new float[Math.toIntExact(stored.count())];
            stored.bytes().get().asFloatBuffer().get(answer);
            probe.remember(answer);
        }
    }
}
