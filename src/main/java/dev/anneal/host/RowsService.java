package dev.anneal.host;

import dev.anneal.host.message.RowsMessage;
import dev.anneal.host.message.RowsMessage.Checked;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import tools.jackson.databind.JsonNode;

/** Makes examples of rows as a trainer would, to find the rows that it would refuse. */
final class RowsService {
    private final Path directory;
    private final Watchdog watchdog;
    private final Executor work;

    RowsService(Path directory, Watchdog watchdog, Executor work) {
        this.directory = directory;
        this.watchdog = watchdog;
        this.work = work;
    }

    void answer(HostCall call, RowsMessage message) {
        work.execute(() -> {
            try {
                call.succeed(check(call, message));
            } catch (Throwable fault) {
                call.fail(fault);
            }
        });
    }

    private Checked check(HostCall call, RowsMessage message) {
        JobSpec spec = message.spec();
        ModelConfig config = ModelConfig.read(directory);
        int maxLength = Math.min(
                spec.hyperparameters().maxLength(), Architecture.of(config).maxLength(config));
        try (Tokenizer tokenizer =
                watchdog.within("load the tokenizer", call, () -> Tokenizer.load(directory, maxLength))) {
            return check(call, TrainingTask.of(spec, directory, tokenizer, maxLength), message.rows());
        } catch (TrainingException e) {
            return new Checked(null, e.getMessage());
        }
    }

    private Checked check(HostCall call, TrainingTask task, List<JsonNode> rows) {
        for (int i = 0; i < rows.size(); i++) {
            if (call.isCancelled()) {
                throw new CancellationException();
            }
            JsonNode row = rows.get(i);
            try {
                watchdog.within("tokenize a row", call, () -> task.examples(row));
            } catch (TrainingException | ModelException e) {
                return new Checked(i, HostCall.sentence(e.getMessage()));
            }
        }
        return new Checked(null, null);
    }
}
