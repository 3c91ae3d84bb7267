package dev.anneal.training;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import dev.anneal.training.task.Evaluator;

/** Reports how far an evaluation is, about once a second. Short examples come first, so the share of the tokens tells it. */
final class ComputedRows implements Evaluator.Listener {
    private static final double INTERVAL_SECONDS = 1;

    private final long examples;
    private final long tokens;
    private final EventStream events;
    private final long start = System.nanoTime();
    private long examplesDone;
    private long tokensDone;
    /** The examples that earlier attempts computed. */
    private long examplesSaved;

    private long tokensSaved;
    private double reported;

    ComputedRows(long examples, long tokens, EventStream events) {
        this.examples = examples;
        this.tokens = tokens;
        this.events = events;
    }

    @Override
    public void computed(int examples, long tokens, boolean isSaved) {
        examplesDone += examples;
        tokensDone += tokens;
        examplesSaved += isSaved ? examples : 0;
        tokensSaved += isSaved ? tokens : 0;
        if (Stopwatch.secondsSince(start) - reported >= INTERVAL_SECONDS) {
            report();
        }
    }

    /** Reports the end. */
    void end() {
        report();
    }

    private void report() {
        reported = Stopwatch.secondsSince(start);
        double share = tokens == 0 ? 1 : Math.min(1, (double) tokensDone / tokens);
        long computed = tokensDone - tokensSaved;
        events.emit(
                TrainerEvent.PROGRESS,
                new TrainerEvent.Computed(
                        examplesDone,
                        examples,
                        100 * share,
                        (examplesDone - examplesSaved) / Math.max(1e-9, reported),
                        computed == 0 ? 0 : reported / computed * (tokens - tokensDone)));
    }
}
