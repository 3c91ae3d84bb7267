package dev.anneal.model.source;

import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.WordSplit;
import dev.anneal.web.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** The files of a Hugging Face model directory that are imported: configuration, tokenizer, safetensors weights, model card and licence, no code. */
final class ModelFileFilter {
    private static final long MAX_SETTINGS_BYTES = 4L << 20;
    private static final long MAX_VOCABULARY_BYTES = 256L << 20;

    private static final List<String> SETTINGS = List.of(
            HuggingFaceFiles.CONFIG,
            HuggingFaceFiles.TOKENIZER_CONFIG,
            HuggingFaceFiles.SPECIAL_TOKENS,
            HuggingFaceFiles.GENERATION_CONFIG,
            HuggingFaceFiles.CHAT_TEMPLATE,
            WordSplit.FILE);

    /** Files for people, which a model is passed on with. */
    private static final List<String> TEXTS = List.of(HuggingFaceFiles.CARD, HuggingFaceFiles.LICENSE);

    private static final List<String> PICKLES = List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle");

    private static final String CONVERT =
            "Convert them to safetensors: in Python, load the model and call model.save_pretrained(folder, safe_serialization=True).";

    private ModelFileFilter() {}

    /** Returns the size limit of a file other than weights; such files are read into memory. */
    static long maxBytes(String name) {
        return SETTINGS.contains(name) ? MAX_SETTINGS_BYTES : MAX_VOCABULARY_BYTES;
    }

    /** Returns all wanted files but the weights; of sharded weights it returns the index. */
    static List<String> settings(Collection<String> names) {
        List<String> wanted = new ArrayList<>(SETTINGS);
        wanted.addAll(TEXTS);
        if (names.contains(HuggingFaceFiles.TOKENIZER)) {
            wanted.add(HuggingFaceFiles.TOKENIZER);
        } else {
            wanted.addAll(List.of(
                    HuggingFaceFiles.WORD_PIECE_VOCABULARY,
                    HuggingFaceFiles.BPE_VOCABULARY,
                    HuggingFaceFiles.BPE_MERGES));
        }
        if (!names.contains(HuggingFaceFiles.WEIGHTS)) {
            wanted.add(HuggingFaceFiles.WEIGHTS_INDEX);
        }
        wanted.removeIf(name -> !names.contains(name));
        if (!names.contains(HuggingFaceFiles.CONFIG)) {
            throw new ImportFailure("invalid_model", "The model has no config.json.");
        }
        if (!names.contains(HuggingFaceFiles.WEIGHTS) && !names.contains(HuggingFaceFiles.WEIGHTS_INDEX)) {
            throw new ImportFailure(
                    "no_safetensors",
                    names.stream()
                            .filter(ModelFileFilter::isPickle)
                            .findFirst()
                            .map(pickle -> "The weights are pickle files (" + Problem.quote(pickle)
                                    + "), which can run code when they are read. " + CONVERT)
                            .orElse("The model has neither model.safetensors nor model.safetensors.index.json."));
        }
        return wanted;
    }

    /** Returns the files of weights; of sharded weights those in the index. */
    static List<String> weights(Collection<String> names, Path directory) {
        if (names.contains(HuggingFaceFiles.WEIGHTS)) {
            return List.of(HuggingFaceFiles.WEIGHTS);
        }
        TreeSet<String> shards = new TreeSet<>();
        JsonNode map = read(directory, HuggingFaceFiles.WEIGHTS_INDEX).path("weight_map");
        for (JsonNode shard : map) {
            shards.add(shard.asString(""));
        }
        for (String shard : shards) {
            if (!isPlain(shard) || !shard.endsWith(".safetensors")) {
                throw new ImportFailure(
                        "invalid_model",
                        HuggingFaceFiles.WEIGHTS_INDEX + " names '" + Problem.quote(shard)
                                + "', which is not a safetensors file.");
            }
            if (!names.contains(shard)) {
                throw new ImportFailure(
                        "invalid_model",
                        HuggingFaceFiles.WEIGHTS_INDEX + " names '" + Problem.quote(shard)
                                + "', but the model has no such file.");
            }
        }
        if (shards.isEmpty()) {
            throw new ImportFailure("invalid_model", HuggingFaceFiles.WEIGHTS_INDEX + " has no weight_map.");
        }
        return List.copyOf(shards);
    }

    /** Refuses a model that needs custom code. */
    static void refuseCode(Path directory) {
        if (read(directory, HuggingFaceFiles.CONFIG).has("auto_map")) {
            throw new ImportFailure(
                    "custom_code",
                    "config.json has 'auto_map': the model needs custom code, which is never run. Use a model without custom code.");
        }
    }

    private static JsonNode read(Path directory, String file) {
        try {
            JsonNode json = HuggingFaceFiles.read(directory.resolve(file));
            if (!json.isObject()) {
                throw new ImportFailure("invalid_model", file + " is not a JSON object.");
            }
            return json;
        } catch (ModelException e) {
            throw new ImportFailure("invalid_model", ImportFailure.sentence(e.getMessage()));
        }
    }

    static boolean isPickle(String name) {
        return PICKLES.stream().anyMatch(name.toLowerCase()::endsWith);
    }

    /** Returns whether a name means one file in the same directory on every system. */
    static boolean isPlain(String name) {
        return name.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}") && !name.contains("..");
    }
}
