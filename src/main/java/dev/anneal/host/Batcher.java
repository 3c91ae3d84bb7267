package dev.anneal.host;

import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model and the thread that runs it. When the thread is free, it takes the texts that wait into its next batches, a text of
 * each caller in turn, up to a budget of padded tokens for each batch. It never waits for a batch to fill. If a batch fails, its
 * texts are computed one by one, so that a text fails only by itself.
 */
final class Batcher {
    /** Receives the scores of one text, or what went wrong. It is called in the thread of the batcher. */
    interface Listener {
        void done(float @Nullable [] scores, @Nullable Throwable fault);
    }

    /** A text that waits for its turn, unless its call is cancelled meanwhile. */
    record Waiting(Encoded text, BooleanSupplier isCancelled, Listener listener) {}

    private final Function<List<Encoded>, List<float[]>> model;
    private final Watchdog watchdog;
    private final int tokenBudget;
    private final Map<String, Deque<Waiting>> queues = new LinkedHashMap<>();

    /** @param model returns the scores of each text of a batch */
    Batcher(Function<List<Encoded>, List<float[]>> model, Watchdog watchdog, int tokenBudget) {
        this.model = model;
        this.watchdog = watchdog;
        this.tokenBudget = tokenBudget;
        Thread thread = new Thread(this::run, "predict");
        thread.setDaemon(true);
        thread.start();
    }

    synchronized void submit(String caller, List<Waiting> texts) {
        queues.computeIfAbsent(caller, name -> new ArrayDeque<>()).addAll(texts);
        notifyAll();
    }

    private void run() {
        try {
            while (true) {
                compute(take());
            }
        } catch (InterruptedException ended) {
            // nobody interrupts this thread; the process ends
        }
    }

    /** Takes the waiting texts, up to a few batches. */
    private synchronized List<Waiting> take() throws InterruptedException {
        while (queues.isEmpty()) {
            wait();
        }
        List<Waiting> taken = new ArrayList<>();
        int tokens = 0;
        while (!queues.isEmpty() && tokens < 4 * tokenBudget) {
            Iterator<Deque<Waiting>> callers = queues.values().iterator();
            while (callers.hasNext() && tokens < 4 * tokenBudget) {
                Deque<Waiting> queue = callers.next();
                Waiting next = queue.remove();
                tokens += next.text().length();
                taken.add(next);
                if (queue.isEmpty()) {
                    callers.remove();
                }
            }
        }
        return taken;
    }

    /** Puts texts of similar length into the same batch, so that little of it is padding. */
    private void compute(List<Waiting> taken) {
        taken.removeIf(waiting -> {
            boolean cancelled = waiting.isCancelled().getAsBoolean();
            if (cancelled) {
                waiting.listener().done(null, new CancellationException());
            }
            return cancelled;
        });
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
        List<float[]> scores;
        try {
            List<Encoded> texts = batch.stream().map(Waiting::text).toList();
            scores = watchdog.within("compute a batch", () -> model.apply(texts));
        } catch (Throwable fault) {
            if (batch.size() == 1) {
                batch.get(0).listener().done(null, fault);
            } else {
                batch.forEach(alone -> batch(List.of(alone)));
            }
            return;
        }
        for (int i = 0; i < scores.size(); i++) {
            batch.get(i).listener().done(scores.get(i), null);
        }
    }
}
