package dev.anneal.inference;

import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model and the thread that runs it. When the thread is free, it takes the waiting texts of all requests into its next
 * batches, up to a budget of padded tokens for each batch. It never waits for a batch to fill.
 */
final class Batcher implements ServedModel {
    private record Waiting(Encoded text, CompletableFuture<float[]> scores) {}

    private final Predictor predictor;
    private final int tokenBudget;
    private final int maxWaiting;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final Thread thread;
    private boolean closed;

    Batcher(String name, Predictor predictor, int tokenBudget, int maxWaiting) {
        this.predictor = predictor;
        this.tokenBudget = tokenBudget;
        this.maxWaiting = maxWaiting;
        this.thread = new Thread(this::run, "predict-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    Predictor predictor() {
        return predictor;
    }

    @Override
    public synchronized int waiting() {
        return queue.size();
    }

    /** Queues all texts of a request. If the queue has no room for them, queues none and returns null. */
    synchronized @Nullable List<CompletableFuture<float[]>> submit(List<Encoded> texts) {
        if (closed) {
            throw new IllegalStateException("the model was unloaded");
        }
        if (!queue.isEmpty() && queue.size() + texts.size() > maxWaiting) {
            return null;
        }
        List<CompletableFuture<float[]>> results = new ArrayList<>();
        for (Encoded text : texts) {
            Waiting waiting = new Waiting(text, new CompletableFuture<>());
            queue.add(waiting);
            results.add(waiting.scores());
        }
        notifyAll();
        return results;
    }

    private void run() {
        for (List<Waiting> taken = take(); taken != null; taken = take()) {
            compute(taken);
        }
        predictor.close();
    }

    /** Takes the waiting texts, up to a few batches. Returns null once closed and empty. */
    private synchronized @Nullable List<Waiting> take() {
        while (queue.isEmpty() && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                closed = true;
            }
        }
        List<Waiting> taken = new ArrayList<>();
        int tokens = 0;
        while (!queue.isEmpty() && (taken.isEmpty() || tokens < 4 * tokenBudget)) {
            Waiting next = queue.poll();
            tokens += next.text().length();
            taken.add(next);
        }
        return taken.isEmpty() ? null : taken;
    }

    /** Puts texts of similar length into the same batch, so that little of it is padding. */
    private void compute(List<Waiting> taken) {
        taken.sort(Comparator.comparingInt(waiting -> waiting.text().length()));
        int from = 0;
        for (int to = 1; to <= taken.size(); to++) {
            boolean full =
                    to < taken.size() && (to + 1 - from) * taken.get(to).text().length() > tokenBudget;
            if (full || to == taken.size()) {
                batch(taken.subList(from, to));
                from = to;
            }
        }
    }

    private void batch(List<Waiting> batch) {
        try {
            List<float[]> scores =
                    predictor.scores(batch.stream().map(Waiting::text).toList());
            for (int i = 0; i < scores.size(); i++) {
                batch.get(i).scores().complete(scores.get(i));
            }
        } catch (Throwable fault) {
            batch.forEach(waiting -> waiting.scores().completeExceptionally(fault));
        }
    }

    /** Closes the queue. Texts that were submitted are still computed; then the model is unloaded. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
