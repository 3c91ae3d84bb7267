package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.format.ModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** ModernBERT (<a href="https://arxiv.org/abs/2412.13663">Warner et al., 2024</a>), as transformers' {@code ModernBertModel}. */
final class ModernBert implements Architecture {
    private static final String PREFIX = "model.";

    /** The factor by which the head's gelu is nearly linear. A norm comes after it. */
    private static final float SMALL = 0.05f;

    /** The limit of the published models. */
    private static final int MAX_LENGTH = 8192;

    @Override
    public String program() {
        return "modernbert";
    }

    @Override
    public Map<String, Object> settings(ModelConfig config) {
        return Map.of(
                "depth", layers(config),
                "heads", config.integer("num_attention_heads"),
                "eps", config.number("norm_eps", 1e-5),
                "every", config.integer("global_attn_every_n_layers", 3),
                "window", config.integer("local_attention", 128) / 2,
                "theta", theta(config, "full_attention", "global_rope_theta", 160_000),
                "local_theta", theta(config, "sliding_attention", "local_rope_theta", 10_000),
                "mean", config.text("classifier_pooling", "cls").equals("mean"),
                "frozen", 0);
    }

    /** Since transformers 5, each kind of layer has its own rotary settings. */
    private static double theta(ModelConfig config, String kind, String field, double otherwise) {
        JsonNode perKind = config.fields().path("rope_parameters").path(kind).path("rope_theta");
        return ModelConfig.number("rope_theta", perKind, config.number(field, otherwise));
    }

    @Override
    public ModelConfig withMeans(ModelConfig config) {
        return config.with("classifier_pooling", "mean");
    }

    @Override
    public float[] passing(String name, Shape shape) {
        return switch (name) {
            case "pooler.dense.weight" -> MeanLayer.diagonal(shape, SMALL);
            case "pooler.norm.weight" -> MeanLayer.filled(shape, MeanLayer.DEVIATION);
            default -> MeanLayer.filled(shape, 0);
        };
    }

    /** No weight bounds the positions, but attention takes memory for each pair of tokens. */
    @Override
    public int maxLength(ModelConfig config) {
        return Math.min(MAX_LENGTH, Architecture.super.maxLength(config));
    }

    @Override
    public void check(ModelConfig config) {
        config.require("hidden_activation", "gelu");
        if (config.flag("attention_bias", false)
                || config.flag("mlp_bias", false)
                || config.flag("norm_bias", false)
                || config.flag("classifier_bias", false)) {
            throw new ModelException("config.json: a ModernBERT with biases in its layers is not supported");
        }
    }

    @Override
    public Map<String, Shape> shapes(ModelConfig config) {
        int hidden = hiddenSize(config);
        int inner = config.integer("intermediate_size");
        Shapes shapes = new Shapes();
        shapes.weight("embeddings.tok_embeddings", config.integer("vocab_size"), hidden);
        shapes.weight("embeddings.norm", hidden);
        for (int i = 0; i < layers(config); i++) {
            String layer = layerPrefix() + i + ".";
            if (i > 0) {
                shapes.weight(layer + "attn_norm", hidden);
            }
            shapes.weight(layer + "attn.Wqkv", 3 * hidden, hidden);
            shapes.weight(layer + "attn.Wo", hidden, hidden);
            shapes.weight(layer + "mlp_norm", hidden);
            shapes.weight(layer + "mlp.Wi", 2 * inner, hidden);
            shapes.weight(layer + "mlp.Wo", hidden, inner);
        }
        shapes.weight("final_norm", hidden);
        return shapes.all();
    }

    @Override
    public Head head(Task task, ModelConfig config, int labels) {
        int hidden = hiddenSize(config);
        Shapes shapes = new Shapes();
        Map<String, String> names = new LinkedHashMap<>();
        String part = task == Task.MASKED_LM ? "mlm" : "pooler";
        shapes.weight(part + ".dense", hidden, hidden);
        shapes.weight(part + ".norm", hidden);
        names.put(part + ".dense.weight", "head.dense.weight");
        names.put(part + ".norm.weight", "head.norm.weight");
        switch (task) {
            case CAUSAL_LM -> throw new ModelException("Models of type 'modernbert' do not support the task causal-lm");
            case MASKED_LM -> {
                shapes.bias("mlm", config.integer("vocab_size"));
                names.put("mlm.bias", "decoder.bias");
            }
            default -> {
                shapes.linear("classifier", labels, hidden);
                Heads.name(names, "classifier", "classifier");
            }
        }
        return new Head(task, Heads.program(task), shapes.all(), names, "ModernBertFor" + Heads.suffix(task));
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
        return "embeddings.tok_embeddings.weight";
    }

    @Override
    public boolean isEmbedding(String name) {
        return name.startsWith("embeddings");
    }

    @Override
    public List<String> loraTargets() {
        return List.of("Wqkv");
    }

    @Override
    public double dropout() {
        return 0.1;
    }

    @Override
    public Vocabulary vocabulary() {
        return Vocabulary.NONE;
    }
}
