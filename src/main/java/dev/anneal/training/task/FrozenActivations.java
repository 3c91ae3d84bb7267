package dev.anneal.training.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The activations of the frozen layers, kept in a file. These layers have no dropout, so each example goes through them only
 * once. A batch gets {@code hidden}, [length, hidden size] for each example, or, if all layers are frozen and the head sees
 * one vector per text, {@code features}, [hidden size].
 */
public final class FrozenActivations implements AutoCloseable {
    private static final long MAX_BYTES = 16L << 30;

    private final Model model;
    private final int hiddenSize;
    private final boolean perText;
    private final FileChannel file;
    private final Runnable check;
    private final Map<Examples, long[]> starts = new IdentityHashMap<>();
    private long end;

    private FrozenActivations(Model model, boolean perText, FileChannel file, Runnable check) {
        this.model = model;
        this.hiddenSize = model.architecture().hiddenSize(model.config());
        this.perText = perText;
        this.file = file;
        this.check = check;
    }

    /**
     * Returns nothing if the file would be larger than 16 GiB or than half of the free disk space.
     *
     * @param check is run before each batch, and may throw an exception to end the work
     */
    public static @Nullable FrozenActivations of(
            Model model, boolean perText, Path file, Runnable check, Examples... all) {
        FrozenActivations activations;
        try {
            long bytes = 0;
            for (Examples examples : all) {
                for (int length : examples.lengths()) {
                    bytes += 4L * model.architecture().hiddenSize(model.config()) * (perText ? 1 : length);
                }
            }
            Path directory = file.toAbsolutePath().getParent();
            if (bytes > Math.min(MAX_BYTES, Files.getFileStore(directory).getUsableSpace() / 2)) {
                return null;
            }
            activations = new FrozenActivations(
                    model,
                    perText,
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE),
                    check);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            for (Examples examples : all) {
                activations.add(examples);
            }
        } catch (RuntimeException ended) {
            activations.close();
            throw ended;
        }
        return activations;
    }

    private void add(Examples examples) {
        int[] lengths = examples.lengths();
        long[] at = new long[lengths.length];
        for (int[] batch : Evaluator.batches(examples)) {
            check.run();
            try (NDManager arrays = model.newBatchManager()) {
                var texts = examples.get(batch).stream().map(Example::text).toList();
                NDArray out = model.infer(
                        arrays,
                        perText ? "features" : "frozen_forward",
                        perText ? new Object[] {Batch.of(texts, arrays), 0.0} : new Object[] {Batch.of(texts, arrays)});
                ByteBuffer bytes = out.toByteBuffer(true).order(ByteOrder.nativeOrder());
                int row = bytes.remaining() / batch.length;
                for (int i = 0; i < batch.length; i++) {
                    at[batch[i]] = end;
                    int size = perText ? row : 4 * hiddenSize * lengths[batch[i]];
                    write(bytes.slice(i * row, size));
                }
            }
        }
        starts.put(examples, at);
    }

    /** Makes the activations of some of the examples known under another list. */
    public void addSome(Examples all, int[] numbers, Examples some) {
        long[] at = Objects.requireNonNull(starts.get(all));
        starts.put(some, Arrays.stream(numbers).mapToLong(i -> at[i]).toArray());
    }

    /** Forgets a list of examples. The activations stay in the file. */
    public void remove(Examples some) {
        starts.remove(some);
    }

    private void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                end += file.write(bytes, end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the activations of the frozen layers.", e);
        }
    }

    /** Returns the arrays to add to a batch of these examples; they belong to the manager. */
    public Map<String, NDArray> of(Examples examples, int[] batch, NDManager manager) {
        int[] lengths = examples.lengths();
        int longest = 0;
        for (int i : batch) {
            longest = Math.max(longest, lengths[i]);
        }
        int row = perText ? hiddenSize : longest * hiddenSize;
        FloatBuffer values = FloatBuffer.allocate(batch.length * row);
        try {
            for (int i = 0; i < batch.length; i++) {
                int size = perText ? hiddenSize : lengths[batch[i]] * hiddenSize;
                ByteBuffer bytes = ByteBuffer.allocate(4 * size).order(ByteOrder.nativeOrder());
                long at = Objects.requireNonNull(starts.get(examples))[batch[i]];
                while (bytes.hasRemaining() && file.read(bytes, at + bytes.position()) >= 0) {}
                values.put(i * row, bytes.flip().asFloatBuffer(), 0, size);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the activations of the frozen layers.", e);
        }
        Shape shape = perText ? new Shape(batch.length, hiddenSize) : new Shape(batch.length, longest, hiddenSize);
        Map<String, NDArray> more = new HashMap<>();
        more.put(perText ? "features" : "hidden", manager.create(values, shape, ai.djl.ndarray.types.DataType.FLOAT32));
        return more;
    }

    /** Returns the vector of each text of some examples. */
    public float[][] vectors(Examples examples) {
        float[][] vectors = new float[examples.size()][];
        for (int i = 0; i < vectors.length; i++) {
            try (NDManager arrays = model.newBatchManager()) {
                vectors[i] = Objects.requireNonNull(
                                of(examples, new int[] {i}, arrays).get("features"))
                        .toFloatArray();
            }
        }
        return vectors;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
