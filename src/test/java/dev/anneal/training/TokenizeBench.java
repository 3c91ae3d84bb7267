package dev.anneal.training;

import dev.anneal.json.Json;
import dev.anneal.model.BundledModel;
import dev.anneal.training.process.WorkFiles;
import dev.anneal.training.process.WorkOrder;
import dev.anneal.training.task.TokenizedRows;
import dev.anneal.training.task.TrainingTask;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Tokenizes the training rows of a work directory as a trainer does, and prints how long that takes ({@code bench/tokenize}). */
public final class TokenizeBench {
    private TokenizeBench() {}

    public static void main(String[] arguments) throws Exception {
        Path base = Path.of(arguments[0]);
        if (!Files.exists(base.resolve(HuggingFaceFiles.CONFIG))) {
            BundledModel.write(base);
        }
        Path work = Path.of(arguments[1]);
        WorkOrder order = WorkOrder.read(work);
        int maxLength = order.spec().hyperparameters().maxLength();
        try (Tokenizer tokenizer = Tokenizer.load(base, maxLength)) {
            TrainingTask task = TrainingTask.of(order.spec(), base, tokenizer, maxLength);
            long start = System.nanoTime();
            TokenizedRows rows = new TokenizedRows.Reader(
                            order.spec(), base, maxLength, order.placement().threads(), null, problem -> {})
                    .read(work.resolve(WorkFiles.TRAIN), null, task, (done, share) -> {});
            double seconds = Stopwatch.secondsSince(start);
            int tokens = 0;
            for (int i = 0; i < 1000; i++) {
                tokens += rows.examples().lengths()[i];
            }
            System.out.println(Json.write(Map.of("seconds", seconds, "tokens", tokens)));
        }
        System.exit(0);
    }
}
