package dev.anneal.host;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A part that is loaded when it is first needed. A load that failed is tried again at the next call. */
final class Lazy<T> {
    private final Executor executor;
    private final Supplier<T> load;
    private @Nullable CompletableFuture<T> loaded;

    Lazy(Executor executor, Supplier<T> load) {
        this.executor = executor;
        this.load = load;
    }

    synchronized CompletableFuture<T> get() {
        if (loaded == null || loaded.isCompletedExceptionally()) {
            loaded = CompletableFuture.supplyAsync(load, executor);
        }
        return loaded;
    }
}
