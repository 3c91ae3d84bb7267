package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.ModelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Llama (<a href="https://arxiv.org/abs/2302.13971">Touvron et al., 2023</a>) and those that follow from it by configuration,
 * as transformers' {@code LlamaModel}, {@code Qwen2Model}, {@code Qwen3Model} and {@code MistralModel}.
 */
final class Llama implements Architecture {
    static final Llama LLAMA = new Llama("Llama", false);
    /** Has biases for queries, keys and values, and optionally a window in the upper layers. */
    static final Llama QWEN2 = new Llama("Qwen2", true);
    /** Normalizes the queries and keys of each head; the window is that of Qwen2. */
    static final Llama QWEN3 = new Llama("Qwen3", false);
    /** Has a window in every layer. */
    static final Llama MISTRAL = new Llama("Mistral", false);

    private static final String PREFIX = "model.";
    private static final String SCALED = "llama3";

    private final String family;
    private final boolean projectionBias;

    private Llama(String family, boolean projectionBias) {
        this.family = family;
        this.projectionBias = projectionBias;
    }

    @Override
    public String program() {
        return "llama";
    }

    @Override
    public boolean generates() {
        return true;
    }

    @Override
    public Map<String, Object> settings(ModelConfig config) {
        JsonNode rope = rope(config);
        boolean scaled = ropeType(rope).equals(SCALED);
        Map<String, Object> settings = new HashMap<>();
        settings.put("depth", layers(config));
        settings.put("size", headSize(config));
        settings.put("eps", config.number("rms_norm_eps", 1e-6));
        settings.put("window", window(config));
        settings.put("windowed", windowed(config));
        settings.put(
                "theta",
                ModelConfig.number("rope_theta", rope.path("rope_theta"), config.number("rope_theta", 10_000)));
        settings.put("stretch", scaled ? scaling(rope, "factor") : 1.0);
        settings.put("stretch_low", scaled ? scaling(rope, "low_freq_factor") : 1.0);
        settings.put("stretch_high", scaled ? scaling(rope, "high_freq_factor") : 4.0);
        settings.put("original", scaled ? scaling(rope, "original_max_position_embeddings") : 1.0);
        settings.put("frozen", 0);
        return settings;
    }

    /** Since transformers 5, {@code rope_parameters} contains the base, which was a field beside {@code rope_scaling}. */
    private static JsonNode rope(ModelConfig config) {
        JsonNode rope = config.fields().path("rope_parameters");
        return rope.isObject() ? rope : config.fields().path("rope_scaling");
    }

    private static String ropeType(JsonNode rope) {
        JsonNode type = rope.has("rope_type") ? rope.path("rope_type") : rope.path("type");
        return type.isString() ? type.asString() : type.isMissingNode() || type.isNull() ? "default" : "?";
    }

    private static double scaling(JsonNode rope, String field) {
        if (!rope.path(field).isNumber()) {
            throw new ModelException(
                    "config.json: rotary scaling of type '" + SCALED + "' needs a number '" + field + "'");
        }
        return ModelConfig.number(field, rope.path(field), 1);
    }

    /** Returns how far a token looks back, itself included; 0 means no limit. */
    private int window(ModelConfig config) {
        boolean used = this == MISTRAL || (isQwen() && config.flag("use_sliding_window", false));
        return used ? config.integer("sliding_window", 0) : 0;
    }

    /** Returns the number of the first layer with a window. */
    private int windowed(ModelConfig config) {
        return isQwen() ? config.integer("max_window_layers", layers(config)) : 0;
    }

    private boolean isQwen() {
        return this == QWEN2 || this == QWEN3;
    }

    private int headSize(ModelConfig config) {
        int size = config.integer("head_dim", this == QWEN3 ? 128 : 0);
        return size > 0 ? size : config.integer("hidden_size") / config.integer("num_attention_heads");
    }

    @Override
    public void check(ModelConfig config) {
        config.require("hidden_act", "silu");
        String type = ropeType(rope(config));
        if (!Set.of("default", SCALED).contains(type)) {
            throw new ModelException("config.json: rotary scaling of type '" + Visible.quote(type)
                    + "' is not supported. Supported types: default, " + SCALED + ".");
        }
        if (rope(config).path("partial_rotary_factor").asDouble(config.number("partial_rotary_factor", 1)) != 1) {
            throw new ModelException("config.json: a 'partial_rotary_factor' other than 1 is not supported");
        }
        int heads = config.integer("num_attention_heads");
        if (heads % config.integer("num_key_value_heads", heads) != 0) {
            throw new ModelException("config.json: 'num_attention_heads' must be a multiple of 'num_key_value_heads'");
        }
        if (headSize(config) % 2 != 0) {
            throw new ModelException("config.json: the size of an attention head must be even");
        }
        checkLayerTypes(config);
    }

    /** Refuses layers with windows in another order than the program supports: only the upper layers may have one. */
    private void checkLayerTypes(ModelConfig config) {
        List<String> types = config.fields()
                .path("layer_types")
                .valueStream()
                .map(type -> type.isString() ? type.asString() : "?")
                .toList();
        int windowed = window(config) == 0 ? types.size() : windowed(config);
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).equals("sliding_attention") != i >= windowed) {
                throw new ModelException("config.json: 'layer_types' contradicts the settings of the sliding window");
            }
        }
    }

    @Override
    public Map<String, Shape> shapes(ModelConfig config) {
        int hidden = hiddenSize(config);
        int inner = config.integer("intermediate_size");
        int heads = config.integer("num_attention_heads");
        long queries = (long) heads * headSize(config);
        long keys = (long) config.integer("num_key_value_heads", heads) * headSize(config);
        boolean allBias = (this == LLAMA || this == QWEN3) && config.flag("attention_bias", false);
        boolean innerBias = this == LLAMA && config.flag("mlp_bias", false);
        Shapes shapes = new Shapes();
        shapes.weight("embed_tokens", config.integer("vocab_size"), hidden);
        for (int i = 0; i < layers(config); i++) {
            String layer = layerPrefix() + i + ".";
            shapes.weight(layer + "input_layernorm", hidden);
            linear(shapes, layer + "self_attn.q_proj", queries, hidden, projectionBias || allBias);
            linear(shapes, layer + "self_attn.k_proj", keys, hidden, projectionBias || allBias);
            linear(shapes, layer + "self_attn.v_proj", keys, hidden, projectionBias || allBias);
            linear(shapes, layer + "self_attn.o_proj", hidden, queries, allBias);
            if (this == QWEN3) {
                shapes.weight(layer + "self_attn.q_norm", headSize(config));
                shapes.weight(layer + "self_attn.k_norm", headSize(config));
            }
            shapes.weight(layer + "post_attention_layernorm", hidden);
            linear(shapes, layer + "mlp.gate_proj", inner, hidden, innerBias);
            linear(shapes, layer + "mlp.up_proj", inner, hidden, innerBias);
            linear(shapes, layer + "mlp.down_proj", hidden, inner, innerBias);
        }
        shapes.weight("norm", hidden);
        return shapes.all();
    }

    private static void linear(Shapes shapes, String name, long out, long in, boolean bias) {
        shapes.weight(name, out, in);
        if (bias) {
            shapes.bias(name, out);
        }
    }

    @Override
    public Head head(Task task, ModelConfig config, int labels) {
        return CausalHead.of(task, config, family + "ForCausalLM", false);
    }

    @Override
    public String toProgram(String fileName) {
        return fileName.startsWith(PREFIX) ? fileName.substring(PREFIX.length()) : fileName;
    }

    @Override
    public String toFile(String name) {
        return PREFIX + name;
    }

    @Override
    public String layerPrefix() {
        return "layers.";
    }

    @Override
    public String tokenEmbeddings() {
        return "embed_tokens.weight";
    }

    @Override
    public boolean isEmbedding(String name) {
        return name.startsWith("embed_tokens");
    }

    @Override
    public List<String> loraTargets() {
        return List.of("q_proj", "v_proj");
    }

    @Override
    public double dropout() {
        return 0;
    }

    @Override
    public Vocabulary vocabulary() {
        return Vocabulary.NONE;
    }
}
