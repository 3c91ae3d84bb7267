package dev.anneal.host;

import dev.anneal.transformer.tokenizer.Encoded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A model and the threads that run it, one for each core. A free thread takes the text that has waited longest of the caller
 * whose turn it is, and with it the texts of all callers that are nearest to it in length, up to a budget of padded tokens. It
 * never waits for a batch to fill. If a batch fails, its texts are computed one by one, so that a text fails only by itself.
 *
 * <p>Each thread computes on one core: small batches on each core are faster than larger ones on all cores. Only a long batch
 * that is alone uses all cores.
 */
final class Batcher {
    /** The most padding that a text may add to a batch: computing more takes longer than a separate batch. */
    private static final int MAX_PADDING = 16;

    /** A batch of fewer tokens is slower on several cores than on one. */
    private static final int MIN_SHARED_TOKENS = 256;

    /** Computes the scores of each text of a batch, and may be called by several threads at once. */
    interface Scorer {
        List<float[]> scores(List<Encoded> texts, int cores);
    }

    /** Receives the scores of one text, or what went wrong. It is called in a thread of the batcher. */
    interface Listener {
        void done(float @Nullable [] scores, @Nullable Throwable fault);
    }

    /** A text that waits for its turn, unless its call is cancelled meanwhile. */
    static final class Waiting {
        private final long call;
        private final Encoded text;
        private final BooleanSupplier isCancelled;
        private final Listener listener;
        private String caller = "";

        Waiting(long call, Encoded text, BooleanSupplier isCancelled, Listener listener) {
            this.call = call;
            this.text = text;
            this.isCancelled = isCancelled;
            this.listener = listener;
        }
    }

    private final Scorer model;
    private final Watchdog watchdog;
    private final int tokenBudget;
    private final int cores;
    /** The texts that wait, by caller; the caller whose turn is next is the first. */
    private final Map<String, Set<Waiting>> callers = new LinkedHashMap<>();

    /** The same texts by their number of tokens. */
    private final TreeMap<Integer, Set<Waiting>> lengths = new TreeMap<>();

    private int computing;

    Batcher(Scorer model, Watchdog watchdog, int tokenBudget, int cores) {
        this.model = model;
        this.watchdog = watchdog;
        this.tokenBudget = tokenBudget;
        this.cores = cores;
        for (int i = 0; i < cores; i++) {
            Thread thread = new Thread(this::run, "predict");
            thread.setDaemon(true);
            thread.start();
        }
    }

    synchronized void submit(String caller, List<Waiting> texts) {
        for (Waiting waiting : texts) {
            waiting.caller = caller;
            callers.computeIfAbsent(caller, name -> new LinkedHashSet<>()).add(waiting);
            lengths.computeIfAbsent(waiting.text.length(), length -> new LinkedHashSet<>())
                    .add(waiting);
        }
        if (texts.size() == 1) {
            notify();
        } else {
            notifyAll();
        }
    }

    private void run() {
        try {
            while (true) {
                List<Waiting> batch = take();
                try {
                    compute(batch);
                } finally {
                    computed();
                }
            }
        } catch (InterruptedException ended) {
            // nobody interrupts this thread; the process ends
        }
    }

    private synchronized void computed() {
        computing--;
    }

    /** Takes the next batch, the shortest text first. */
    private synchronized List<Waiting> take() throws InterruptedException {
        while (callers.isEmpty()) {
            wait();
        }
        Set<Waiting> turn = callers.values().iterator().next();
        Waiting first = turn.iterator().next();
        remove(first);
        if (!turn.isEmpty()) { // behind the other callers
            callers.remove(first.caller);
            callers.put(first.caller, turn);
        }
        List<Waiting> batch = new ArrayList<>(List.of(first));
        int longest = first.text.length();
        for (Waiting next = nearest(longest); next != null; next = nearest(longest)) {
            int length = next.text.length();
            int padding = length < longest ? longest - length : batch.size() * (length - longest);
            longest = Math.max(longest, length);
            boolean isOther = watchdog.isSeparate() && !next.caller.equals(first.caller);
            if (isOther || padding > MAX_PADDING || (batch.size() + 1) * longest > tokenBudget) {
                break;
            }
            remove(next);
            batch.add(next);
        }
        computing++;
        return batch;
    }

    /** Returns the waiting text that is nearest to a length, of two the shorter one. */
    private @Nullable Waiting nearest(int length) {
        Map.Entry<Integer, Set<Waiting>> shorter = lengths.floorEntry(length);
        Map.Entry<Integer, Set<Waiting>> longer = lengths.higherEntry(length);
        boolean takesShorter =
                shorter != null && (longer == null || length - shorter.getKey() <= longer.getKey() - length);
        Map.Entry<Integer, Set<Waiting>> nearest = takesShorter ? shorter : longer;
        return nearest == null ? null : nearest.getValue().iterator().next();
    }

    private void remove(Waiting waiting) {
        remove(callers, waiting.caller, waiting);
        remove(lengths, waiting.text.length(), waiting);
    }

    private static <K> void remove(Map<K, Set<Waiting>> sets, K key, Waiting waiting) {
        sets.computeIfPresent(key, (same, set) -> {
            set.remove(waiting);
            return set.isEmpty() ? null : set;
        });
    }

    private void compute(List<Waiting> batch) {
        batch.removeIf(waiting -> {
            boolean cancelled = waiting.isCancelled.getAsBoolean();
            if (cancelled) {
                waiting.listener.done(null, new CancellationException());
            }
            return cancelled;
        });
        if (!batch.isEmpty()) {
            batch(batch);
        }
    }

    private void batch(List<Waiting> batch) {
        List<float[]> scores;
        try {
            List<Encoded> texts = batch.stream().map(waiting -> waiting.text).toList();
            List<Long> calls = batch.stream().map(waiting -> waiting.call).toList();
            scores = watchdog.within("compute a batch", calls, () -> model.scores(texts, cores(texts)));
        } catch (Throwable fault) {
            if (batch.size() == 1) {
                batch.get(0).listener.done(null, fault);
            } else {
                batch.forEach(alone -> batch(List.of(alone)));
            }
            return;
        }
        for (int i = 0; i < scores.size(); i++) {
            batch.get(i).listener.done(scores.get(i), null);
        }
    }

    private synchronized int cores(List<Encoded> texts) {
        int tokens = texts.stream().mapToInt(Encoded::length).sum();
        return computing == 1 && callers.isEmpty() && tokens >= MIN_SHARED_TOKENS ? cores : 1;
    }
}
