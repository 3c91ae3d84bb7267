package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.anneal.training.process.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The loss of a step. A GPU computes a step after the program that orders it has returned, so the loss is read one step late:
 * meanwhile the next step is ordered, and the GPU never waits for this process.
 */
public final class StepLoss implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE = TimeUnit.MICROSECONDS.toNanos(50);

    private final NDManager arrays;
    private final NDArray onDevice;
    private final NDArray onHost;
    private final List<Double> shares;

    private StepLoss(NDManager arrays, NDArray onDevice, NDArray onHost, List<Double> shares) {
        this.arrays = arrays;
        this.onDevice = onDevice;
        this.onHost = onHost;
        this.shares = shares;
    }

    /** Orders a copy of the losses, of which each has a share, and of the norm of the gradients beside their divisor. */
    static StepLoss of(TrainableModel model, List<NDArray> losses, List<Double> shares, NDArray clip) {
        NDManager arrays = model.newManager();
        NDArray[] copies = model.optimizer().inferAll(arrays, "to_host", losses, clip);
        return new StepLoss(arrays, copies[0], copies[1], new ArrayList<>(shares));
    }

    /** Waits for the loss and returns it. Throws an exception if it or the norm of the gradients is not a number. */
    public double await() {
        float[] numbers = numbers();
        double loss = 0;
        for (int i = 0; i < shares.size(); i++) {
            loss += shares.get(i) * numbers[i];
        }
        if (!Double.isFinite(loss) || !Float.isFinite(numbers[shares.size()])) {
            throw TrainingException.diverged();
        }
        return loss;
    }

    /** Returns the copy once its last number is 1; after a long time, asks the device. */
    private float[] numbers() {
        for (long start = System.nanoTime(); System.nanoTime() - start < PATIENCE; LockSupport.parkNanos(PAUSE)) {
            float[] numbers = onHost.toFloatArray();
            if (numbers[numbers.length - 1] == 1) {
                return numbers;
            }
        }
        return onDevice.toFloatArray();
    }

    @Override
    public void close() {
        arrays.close();
    }
}
