package dev.anneal.inference;

import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One loaded model and the thread that computes with it. Whatever waits when the thread is free goes into its next
 * batches, up to a budget of padded tokens each, whichever requests it comes from; nothing waits for company.
 */
final class Batcher implements Served {
    private record Waiting(Encoded text, CompletableFuture<float[]> scores) {}

    private final Predictor classifier;
    private final int tokenBudget;
    private final int maxWaiting;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final Thread thread;
    private boolean closed;

    Batcher(String name, Predictor classifier, int tokenBudget, int maxWaiting) {
        this.classifier = classifier;
        this.tokenBudget = tokenBudget;
        this.maxWaiting = maxWaiting;
        this.thread = new Thread(this::run, "predict-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    Predictor classifier() {
        return classifier;
    }

    @Override
    public synchronized int waiting() {
        return queue.size();
    }

    /** Queues all texts of a request or, where the queue has no room for them, none (and returns null). */
    synchronized List<CompletableFuture<float[]>> submit(List<Encoded> texts) {
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
        classifier.close();
    }

    /** Everything that waits, up to some batches' worth; null once closed and empty. */
    private synchronized List<Waiting> take() {
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

    /** Texts of like length share a batch, so that little of it is padding. */
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
                    classifier.scores(batch.stream().map(Waiting::text).toList());
            for (int i = 0; i < scores.size(); i++) {
                batch.get(i).scores().complete(scores.get(i));
            }
        } catch (Throwable fault) {
            batch.forEach(waiting -> waiting.scores().completeExceptionally(fault));
        }
    }

    /** What was submitted is still computed; then the model leaves the memory. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
