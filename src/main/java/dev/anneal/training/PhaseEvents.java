package dev.anneal.training;

import dev.anneal.training.event.EventStream;
import dev.anneal.training.event.TrainerEvent;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * The events of one of several trainings of a job. Their progress is that of the job: the shares of all trainings are 1. Only the
 * last training, which has no name, tells of its epochs and checkpoints. The others tell only of their progress and of problems.
 */
final class PhaseEvents extends EventStream {
    private final EventStream job;
    private final @Nullable String name;
    private final double before;
    private final double share;

    /**
     * Makes the events of a training.
     *
     * @param before the sum of the shares of the trainings before it
     */
    PhaseEvents(EventStream job, @Nullable String name, double before, double share) {
        super(new PrintStream(PrintStream.nullOutputStream()));
        this.job = job;
        this.name = name;
        this.before = before;
        this.share = share;
    }

    @Override
    public void emit(String type, Object data) {
        if (data instanceof TrainerEvent.Step step) {
            job.emit(type, ofJob(step));
        } else if (name == null) {
            job.emit(type, data);
        } else if (data instanceof TrainerEvent.Log log && log.level().equals("warn")) {
            job.log("warn", sentence(name, log.message()));
        }
    }

    /** Returns a message about a training. */
    static String sentence(String phase, String message) {
        return Character.toUpperCase(phase.charAt(0)) + phase.substring(1) + ": " + message;
    }

    private TrainerEvent.Step ofJob(TrainerEvent.Step step) {
        double done = step.percent() / 100;
        // The whole training at this speed, without its evaluations, which are a small part.
        double left = Math.max(0, step.etaSeconds());
        double seconds = done < 1 ? left / (1 - done) : 0;
        double after = Math.max(0, 1 - before - share);
        return new TrainerEvent.Step(
                name,
                step.epoch(),
                step.epochs(),
                step.step(),
                step.steps(),
                step.trainLoss(),
                step.learningRate(),
                step.examplesPerSecond(),
                left + seconds * after / share,
                100 * (before + share * done));
    }
}
