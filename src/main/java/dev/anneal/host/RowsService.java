package dev.anneal.host;

import dev.anneal.host.message.RowsMessage;
import dev.anneal.host.message.RowsMessage.Checked;
import dev.anneal.host.message.RowsMessage.Measured;
import dev.anneal.spec.JobSpec;
import dev.anneal.training.process.TrainingException;
import dev.anneal.training.task.Example;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes examples of rows as a trainer would: to find the rows that it would refuse, and to measure them. */
final class RowsService {
    private final Path directory;
    private final Watchdog watchdog;
    private final CallThreads threads;

    RowsService(Path directory, Watchdog watchdog, CallThreads threads) {
        this.directory = directory;
        this.watchdog = watchdog;
        this.threads = threads;
    }

    void answer(HostCall call, RowsMessage message) {
        threads.execute(call, () -> call.succeed(check(call, message)));
    }

    /** Answers with the lengths of rows. */
    void measure(HostCall call, RowsMessage message) {
        threads.execute(call, () -> {
            try (Tokenizer tokenizer =
                    watchdog.within("load the tokenizer", call, () -> Tokenizer.load(directory, Integer.MAX_VALUE))) {
                TrainingTask task = TrainingTask.of(message.spec(), directory, tokenizer, Integer.MAX_VALUE);
                call.succeed(measure(call, task, tokenizer.unknownToken(), message.rows()));
            } catch (TrainingException unusable) {
                call.fail("base_model_does_not_fit", 422, HostCall.sentence(unusable.getMessage()));
            }
        });
    }

    private Measured measure(HostCall call, TrainingTask task, @Nullable Integer unknown, List<JsonNode> rows) {
        List<Integer> lengths = new ArrayList<>();
        long unknownTokens = 0;
        String reason = null;
        for (JsonNode row : rows) {
            call.stopIfCancelled();
            int length = 0;
            try {
                for (Example example : watchdog.within("tokenize a row", call, () -> task.examples(row))) {
                    for (Example.Sequence sequence : example.sequences()) {
                        length += sequence.text().length();
                        unknownTokens += unknown == null ? 0 : count(unknown, sequence.text());
                    }
                }
            } catch (TrainingException | ModelException e) {
                length = -1;
                reason = reason == null ? HostCall.sentence(e.getMessage()) : reason;
            }
            lengths.add(length);
        }
        return new Measured(lengths, unknownTokens, reason);
    }

    private static long count(int id, Encoded text) {
        return IntStream.of(text.ids()).filter(other -> other == id).count();
    }

    private Checked check(HostCall call, RowsMessage message) {
        JobSpec spec = message.spec();
        int maxLength = maxLength(directory, spec);
        try (Tokenizer tokenizer =
                watchdog.within("load the tokenizer", call, () -> Tokenizer.load(directory, maxLength))) {
            return check(call, TrainingTask.of(spec, directory, tokenizer, maxLength), message.rows());
        } catch (TrainingException e) {
            return new Checked(null, e.getMessage());
        }
    }

    /** Returns the greatest length of an example, as the trainer has it. */
    static int maxLength(Path directory, JobSpec spec) {
        ModelConfig config = ModelConfig.read(directory);
        return Math.min(
                spec.hyperparameters().maxLength(), Architecture.of(config).maxLength(config));
    }

    private Checked check(HostCall call, TrainingTask task, List<JsonNode> rows) {
        for (int i = 0; i < rows.size(); i++) {
            call.stopIfCancelled();
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
