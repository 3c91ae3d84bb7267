package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.format.ModelException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A family of models: the program that computes it (a file of {@code /programs}), what the program has to be told, and the
 * weights it needs. Another family is another implementation, listed in {@link #KNOWN}, and another program, or another
 * table of names for one that is there.
 */
public interface Architecture {
    Map<String, Architecture> KNOWN = Map.of(
            "gpt2", new Gpt2(),
            "llama", Llama.LLAMA,
            "mistral", Llama.MISTRAL,
            "qwen2", Llama.QWEN2,
            "bert", BertFamily.BERT,
            "distilbert", BertFamily.DISTILBERT,
            "roberta", BertFamily.ROBERTA,
            "xlm-roberta", BertFamily.XLM_ROBERTA,
            "electra", BertFamily.ELECTRA,
            "modernbert", new ModernBert());

    /** The architecture of a model, by the {@code model_type} of its configuration. */
    static Architecture of(ModelConfig config) {
        Architecture known = KNOWN.get(config.modelType());
        if (known == null) {
            throw new ModelException("models of type '" + config.modelType() + "' are not supported; supported are "
                    + String.join(", ", names()));
        }
        known.check(config);
        return known;
    }

    static Set<String> names() {
        return new TreeMap<>(KNOWN).keySet();
    }

    /** Name of the program's file without its ending, and, with a capital letter, of the class in it. */
    String program();

    /** The attributes of the program's class: integers, doubles, booleans and strings. */
    Map<String, Object> settings(ModelConfig config);

    /** Refuses a configuration that the program would compute wrongly. */
    void check(ModelConfig config);

    /** The program's weights, without those of a head, with their shapes. */
    Map<String, Shape> shapes(ModelConfig config);

    /** What stands on the model for a task; a task that it is not made for is a {@link ModelException}. */
    Head head(Task task, ModelConfig config, int labels);

    /** From the name of a weight in a file to its name in the program; names of heads stay as they are. */
    String toProgram(String fileName);

    /** From the name of a weight in the program, none of a head, to its name in a file. */
    String toFile(String name);

    /** The sizes of a vector between the layers and the number of layers, under the family's names for them. */
    default int hiddenSize(ModelConfig config) {
        return config.integer("hidden_size");
    }

    default int layers(ModelConfig config) {
        return config.integer("num_hidden_layers");
    }

    /** Longest text that the model has positions for, in tokens. */
    default int maxLength(ModelConfig config) {
        return config.integer("max_position_embeddings");
    }

    /** The matrix that has a row for each token. */
    default String tokenEmbeddings() {
        return "embeddings.word_embeddings.weight";
    }

    /** Whether the matrix is stored as [in, out], as GPT-2's are. */
    default boolean isTransposed(String name) {
        return false;
    }

    /** Whether the model writes texts, a token at a time. */
    default boolean generates() {
        return false;
    }
}
