package dev.anneal.transformer.architecture;

import static java.util.Map.entry;

import ai.djl.ndarray.types.Shape;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.ModelException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A family of models: the program that computes it (a file of {@code /programs}), the settings of that program, the names
 * and shapes of its weights, and all else that differs from family to family. Nothing outside this package and the program
 * may test for the name of an architecture. To add one, implement this interface or add a constant to an implementation,
 * and list it in {@link #KNOWN}.
 */
public interface Architecture {
    Map<String, Architecture> KNOWN = Map.ofEntries(
            entry("gpt2", new Gpt2()),
            entry("llama", Llama.LLAMA),
            entry("mistral", Llama.MISTRAL),
            entry("qwen2", Llama.QWEN2),
            entry("qwen3", Llama.QWEN3),
            entry("bert", BertFamily.BERT),
            entry("distilbert", BertFamily.DISTILBERT),
            entry("roberta", BertFamily.ROBERTA),
            entry("xlm-roberta", BertFamily.XLM_ROBERTA),
            entry("electra", BertFamily.ELECTRA),
            entry("modernbert", new ModernBert()));

    /** Returns the architecture of a model, by the {@code model_type} of its configuration, which it checks. */
    static Architecture of(ModelConfig config) {
        Architecture known = named(config.modelType());
        known.check(config);
        return known;
    }

    /** Returns the architecture with a {@code model_type}. */
    static Architecture named(String modelType) {
        Architecture known = KNOWN.get(modelType);
        if (known == null) {
            throw new ModelException("Models of type '" + Visible.quote(modelType)
                    + "' are not supported. Supported types: " + String.join(", ", names()) + ".");
        }
        return known;
    }

    static Set<String> names() {
        return new TreeMap<>(KNOWN).keySet();
    }

    /** Name of the program's file without its ending; with a capital letter, of the class in it. */
    String program();

    /** The attributes of the program's class: integers, doubles, booleans and strings. */
    Map<String, Object> settings(ModelConfig config);

    /** Refuses a configuration that the program would compute wrongly. */
    void check(ModelConfig config);

    /** Returns the shapes of the program's weights, without those of a head. */
    Map<String, Shape> shapes(ModelConfig config);

    /** Returns the head for a task; throws a {@link ModelException} if the architecture does not support the task. */
    Head head(Task task, ModelConfig config, int labels);

    /** Returns the program's name for a weight in a file; names of heads stay as they are. */
    String toProgram(String fileName);

    /** Returns the name in a file for a weight of the program that does not belong to a head. */
    String toFile(String name);

    /** Returns the part before the number of a layer in the program's names of weights, such as {@code encoder.layer.}. */
    String layerPrefix();

    /** The matrix that has a row for each token. */
    String tokenEmbeddings();

    /** Returns whether a weight of the program belongs to the embeddings, below the first layer. */
    boolean isEmbedding(String name);

    /** The linear layers that LoRA adapts by default, by the last parts of their names in a file. */
    List<String> loraTargets();

    /** The dropout that a model of this family is fine-tuned with by default. */
    double dropout();

    /** The dropout of attention's weights, as the configuration of the model has it. */
    default double attentionDropout(ModelConfig config) {
        return config.share("attention_dropout", 0);
    }

    /** The vocabulary of models without a {@code tokenizer.json}. */
    Vocabulary vocabulary();

    /** Returns the configuration of a model whose head can see the mean of the tokens of a text, if need be by a layer on top. */
    default ModelConfig withMeans(ModelConfig config) {
        return config;
    }

    /**
     * Returns the first values, in row order, of a weight of the head or of the layer that {@link #withMeans} adds: they pass the
     * mean of the tokens on to the last layer of the head, which is 0.
     */
    default float[] passing(String name, Shape shape) {
        throw new UnsupportedOperationException(program() + " has no head for texts");
    }

    /** The size of a vector between the layers. */
    default int hiddenSize(ModelConfig config) {
        return config.integer("hidden_size");
    }

    /** The number of heads of attention. */
    default int heads(ModelConfig config) {
        return config.integer("num_attention_heads");
    }

    /** The field of the configuration that has the number of layers. */
    default String layersField() {
        return "num_hidden_layers";
    }

    /** The number of layers. */
    default int layers(ModelConfig config) {
        return config.integer(layersField());
    }

    /** The length of the longest text that the model has positions for, in tokens. */
    default int maxLength(ModelConfig config) {
        return config.integer("max_position_embeddings");
    }

    /** Returns the number of the layer that a weight belongs to, from 0; -1 if it belongs to none. */
    default int layer(String name) {
        int start = layerPrefix().length();
        int end = name.indexOf('.', start);
        return name.startsWith(layerPrefix()) && end > 0 ? Integer.parseInt(name.substring(start, end)) : -1;
    }

    /** Returns the linear layers, by their names in a file. */
    default Collection<String> linearLayers(ModelConfig config) {
        Collection<String> layers = new TreeSet<>();
        shapes(config).forEach((name, shape) -> {
            if (name.endsWith(".weight") && shape.dimension() == 2 && !isEmbedding(name)) {
                layers.add(toFile(name).replaceFirst("\\.weight$", ""));
            }
        });
        return layers;
    }

    /** Returns whether the matrix is stored as [in, out], as GPT-2's are. */
    default boolean isTransposed(String name) {
        return false;
    }

    /** Returns whether the model generates text, a token at a time. */
    default boolean generates() {
        return false;
    }
}
