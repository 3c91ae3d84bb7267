package dev.anneal.transformer.check;

import ai.djl.ndarray.NDManager;
import dev.anneal.text.ProcFile;
import dev.anneal.transformer.Batch;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.ModelFiles;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.Head;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Computes a batch on the CPU, with a head of constants if the model has none, and searches the result for NaN. */
final class BatchCheck {
    private static final int LENGTH = 24;

    private static final List<String> NUMBERS = List.of(
            "hidden_size",
            "dim",
            "n_embd",
            "num_attention_heads",
            "n_heads",
            "n_head",
            "num_key_value_heads",
            "head_dim",
            "vocab_size",
            "max_position_embeddings",
            "n_positions",
            "type_vocab_size",
            "global_attn_every_n_layers",
            "local_attention",
            "pad_token_id");

    private BatchCheck() {}

    static void run(Path directory, ModelConfig config, ModelFiles facts, Tokenizer tokenizer) {
        if (facts.parameters() > ProcFile.availableMemory() / (2 * Float.BYTES)) {
            return; // a machine that trains or serves such a model has more memory
        }
        Architecture architecture = Architecture.of(config);
        ModelConfig whole = config;
        Head head;
        Task task = facts.task();
        if (task != null) {
            head = architecture.head(task, config, config.labels().size());
        } else if (architecture.generates()) {
            whole = new ModelConfig(config.fields().deepCopy().put("tie_word_embeddings", true));
            head = architecture.head(Task.CAUSAL_LM, whole, 0);
        } else {
            List<String> labels = List.of("A", "B");
            head = architecture.head(Task.TEXT_CLASSIFICATION, config, labels.size());
            whole = config.withHead(head, labels);
        }
        List<Encoded> texts = Stream.of(
                        tokenizer.encode("A text.", null),
                        tokenizer.encode("The quick brown fox jumps over the lazy dog. 🙂", null),
                        architecture.generates()
                                ? tokenizer.encode("Another text", null)
                                : tokenizer.encode("A text", "and another"))
                .map(text -> text.cut(LENGTH))
                .filter(text -> text.length() > 0)
                .toList();
        if (texts.isEmpty()) {
            throw new ModelException(HuggingFaceFiles.TOKENIZER + ": the tokenizer finds no tokens in a sentence");
        }
        compute(directory, whole, head, texts, facts);
    }

    private static void compute(Path directory, ModelConfig config, Head head, List<Encoded> texts, ModelFiles facts) {
        float[] numbers;
        try (Model model = Model.load(directory, config, head, "cpu", 0, null, (name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.size())];
            Arrays.fill(values, 0.01f);
            return values;
        })) {
            Torch.useThreads(1);
            try (NDManager arrays = model.newBatchManager()) {
                numbers =
                        model.infer(arrays, "predict", Batch.of(texts, arrays)).toFloatArray();
            }
        } catch (ModelException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ModelException(
                    "config.json: the model cannot be computed, because its numbers contradict each other or the weights. Check "
                            + fields(config),
                    e);
        }
        for (float number : numbers) {
            if (!Float.isFinite(number)) {
                throw new ModelException(
                        HuggingFaceFiles.WEIGHTS + ": the model computes a number that is infinite or not a"
                                + " number. The largest weight is " + WeightScan.largest(directory, facts)
                                + ". Check it, and the fields of config.json whose names end in 'eps'");
            }
        }
    }

    /** Returns the names of the fields that the program divides or multiplies shapes by. */
    private static String fields(ModelConfig config) {
        return NUMBERS.stream()
                .filter(config.fields()::has)
                .map(field -> "'" + field + "'")
                .collect(Collectors.joining(", "));
    }
}
