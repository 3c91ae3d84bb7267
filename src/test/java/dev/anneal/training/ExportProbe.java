package dev.anneal.training;

import ai.djl.ndarray.NDManager;
import dev.anneal.json.Json;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Predictor;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes beside each exported model what it says about a few texts, for {@code bench/reference/check_export.py}. */
final class ExportProbe {
    private static final List<String> TEXTS = List.of(
            "the soup was delicious",
            "Maria Smith ate the fish in Rome.",
            "a long evening, and nothing at all to do but wait");

    private ExportProbe() {}

    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) {
            Path directory = Path.of(argument);
            Torch.useThreads(1);
            Task task = ModelConfig.read(directory).task();
            List<Map<String, Object>> inputs = new ArrayList<>();
            List<float[]> logits = new ArrayList<>();
            try (Predictor predictor = Predictor.loadAny(directory, "cpu", 1)) {
                for (String text : TEXTS) {
                    Encoded encoded = predictor.encode(text, null);
                    Map<String, Object> input = new LinkedHashMap<>();
                    input.put("ids", encoded.ids());
                    input.put("types", null);
                    inputs.add(input);
                    try (NDManager arrays = predictor.model().newManager()) {
                        logits.add(predictor
                                .model()
                                .infer(
                                        arrays,
                                        task == Task.CAUSAL_LM ? "predict" : "logits",
                                        Batch.of(List.of(encoded), arrays))
                                .toFloatArray());
                    }
                }
            }
            Files.writeString(directory.resolve("probe.json"), Json.write(Map.of("inputs", inputs, "logits", logits)));
        }
    }
}
