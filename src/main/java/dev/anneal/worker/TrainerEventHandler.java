package dev.anneal.worker;

import dev.anneal.job.AttemptWriter;
import dev.anneal.job.Job;
import dev.anneal.job.queue.Attempt;
import dev.anneal.training.event.TrainerEvent;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.JsonNode;

/** Brings what a trainer tells into the record of its job. */
@Component
class TrainerEventHandler {
    private static final Logger log = LoggerFactory.getLogger(TrainerEventHandler.class);

    private final AttemptWriter writer;
    private final CheckpointUpload checkpoints;
    private final MeterRegistry meters;

    TrainerEventHandler(AttemptWriter writer, CheckpointUpload checkpoints, MeterRegistry meters) {
        this.writer = writer;
        this.checkpoints = checkpoints;
        this.meters = meters;
    }

    void event(RunningAttempt run, Job job, Path directory, String type, JsonNode data) {
        Attempt attempt = run.attempt;
        switch (type) {
            case TrainerEvent.START -> {
                if (data.path("resumed_from_step").isNumber()) {
                    meters.counter("anneal.attempts.resumed").increment();
                }
                run.countedStep = data.path("resumed_from_step").asInt(0);
                run.retryUntilCommitted(() -> writer.started(
                        attempt, job.kind(), data.path("precision").asString(), data));
            }
            case TrainerEvent.TOKENIZING ->
                tryOnce(() -> writer.log(
                        attempt,
                        "info",
                        "%,d %s rows are tokenized (%.0f %%)."
                                .formatted(
                                        data.path("rows").asLong(),
                                        data.path("split").asString(),
                                        data.path("percent").asDouble()),
                        data));
            case TrainerEvent.STEP -> {
                count(run, data);
                tryOnce(() -> writer.progress(attempt, data));
            }
            case TrainerEvent.PROGRESS -> tryOnce(() -> writer.computed(attempt, data));
            case TrainerEvent.EPOCH -> run.retryUntilCommitted(() -> writer.epoch(attempt, data));
            case TrainerEvent.VALIDATION -> run.retryUntilCommitted(() -> writer.validation(attempt, data));
            case TrainerEvent.CHECKPOINT -> checkpoints.upload(run, job, directory, data);
            case TrainerEvent.LOG -> {
                if (data.path("level").asString().equals("warn")) {
                    meters.counter("anneal.training.warnings").increment();
                }
                tryOnce(() -> writer.log(
                        attempt,
                        data.path("level").asString(),
                        data.path("message").asString()));
            }
            case TrainerEvent.DONE -> run.done = data;
            default -> log.warn("the trainer sent an event of unknown type '{}'", type);
        }
    }

    /** Counts the steps since the last event, and keeps the rate. Other models that the job trains have their own steps. */
    private void count(RunningAttempt run, JsonNode data) {
        meters.summary("anneal.training.examples.per.second")
                .record(data.path("examples_per_second").asDouble());
        String phase = data.path("phase").asString("");
        int step = data.path("step").asInt();
        int before = phase.equals(run.countedPhase) ? run.countedStep : 0;
        meters.counter("anneal.training.steps").increment(Math.max(0, step - before));
        run.countedPhase = phase;
        run.countedStep = step;
    }

    void line(RunningAttempt run, String line) {
        try {
            writer.log(run.attempt, "info", line);
        } catch (RuntimeException ended) {
            log.info("trainer: {}", line);
        }
    }

    /** Writes without a retry: the next step's event replaces a lost one. */
    private static void tryOnce(Runnable write) {
        try {
            write.run();
        } catch (DataAccessException | TransactionException databaseUnavailable) {
            log.warn("cannot write an event: {}", databaseUnavailable.getMessage());
        }
    }
}
