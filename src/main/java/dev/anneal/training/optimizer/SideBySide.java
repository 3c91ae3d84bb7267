package dev.anneal.training.optimizer;

import ai.djl.ndarray.NDManager;
import dev.anneal.transformer.program.Torch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes two things at once on a CPU, each with half of the threads. The operations of a step are so short that the threads
 * of libtorch spend much of it waking each other; two halves of the step wait for each other only at its end.
 */
final class SideBySide implements AutoCloseable {
    private final boolean inHalves;
    private final @Nullable ExecutorService pool;

    /**
     * Uses as many threads as the caller may, or one less if their number is odd. With one, and on a GPU, things are computed one
     * after the other.
     */
    SideBySide(NDManager device) {
        int each = Torch.threads() / 2;
        inHalves = !device.getDevice().isGpu();
        pool = each == 0 || !inHalves
                ? null
                : Executors.newFixedThreadPool(2, run -> {
                    Thread thread = new Thread(
                            () -> {
                                Torch.useThreads(each);
                                run.run();
                            },
                            "half");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Returns whether a step is computed in halves: on a CPU, and with one thread, too, so that its bits are the same. */
    boolean isInHalves() {
        return inHalves;
    }

    /** Returns the results in the order of the things, once all have ended. */
    <T> List<T> all(List<Supplier<T>> things) {
        if (pool == null || things.size() == 1) {
            return things.stream().map(Supplier::get).toList();
        }
        List<CompletableFuture<T>> begun = things.stream()
                .map(thing -> CompletableFuture.supplyAsync(thing, pool))
                .toList();
        try {
            CompletableFuture.allOf(begun.toArray(CompletableFuture[]::new)).join();
            return begun.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    @Override
    public void close() {
        if (pool != null) {
            pool.shutdown();
        }
    }
}
