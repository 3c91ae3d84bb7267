package dev.anneal.job.plan;

import dev.anneal.training.spec.TrainingSpec;
import dev.anneal.web.Fields;
import java.util.List;

/**
 * When a job writes checkpoints beside those at the ends of its epochs, every so many steps or seconds where they are not
 * null, and how many of the last ones stay.
 */
public record Checkpointing(Integer everySteps, Double everySeconds, Integer keep) {
    private static final int KEEP = 2;

    static Checkpointing of(Fields body) {
        if (!body.has("checkpoints")) {
            return new Checkpointing(null, null, KEEP);
        }
        Fields fields = body.object("checkpoints");
        Integer steps = fields.integer("every_steps", 1, Integer.MAX_VALUE);
        Double seconds = fields.number("every_seconds", 0.1, 86_400);
        Integer keep = fields.integer("keep", 1, 20);
        fields.refuseUnknown();
        return new Checkpointing(steps, seconds, keep == null ? KEEP : keep);
    }

    /** So many seconds where neither steps nor seconds were asked for. */
    public Checkpointing orEvery(double seconds) {
        return everySteps == null && everySeconds == null ? new Checkpointing(null, seconds, keep) : this;
    }

    /** As a trainer knows it, with the directories to go on from. */
    public TrainingSpec.Checkpoints forTrainer(List<String> from) {
        return new TrainingSpec.Checkpoints(everySteps, everySeconds, keep, from);
    }
}
