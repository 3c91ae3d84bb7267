package dev.anneal.transformer;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** BERT (<a href="https://arxiv.org/abs/1810.04805">Devlin et al., 2018</a>), as transformers' {@code BertModel}. */
final class Bert implements Architecture {
    @Override
    public String program() {
        return "bert";
    }

    @Override
    public Map<String, Object> settings(ModelConfig config) {
        return Map.of("depth", config.layers(), "heads", config.heads(), "eps", config.layerNormEps());
    }

    @Override
    public void check(ModelConfig config) {
        require(config, "hidden_act", "gelu");
        require(config, "position_embedding_type", "absolute");
        if (config.hiddenSize() % config.heads() != 0) {
            throw new ModelException("config.json: 'hidden_size' must be a multiple of 'num_attention_heads'");
        }
    }

    private static void require(ModelConfig config, String field, String value) {
        String found = config.text(field, value);
        if (!found.equals(value)) {
            throw new ModelException("config.json: '" + field + "' is '" + found + "', supported is '" + value + "'");
        }
    }

    @Override
    public Map<String, Shape> shapes(ModelConfig config) {
        int hidden = config.hiddenSize();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("embeddings.word_embeddings.weight", new Shape(config.vocabularySize(), hidden));
        shapes.put("embeddings.position_embeddings.weight", new Shape(config.maxPositions(), hidden));
        shapes.put("embeddings.token_type_embeddings.weight", new Shape(config.typeVocabularySize(), hidden));
        norm(shapes, "embeddings.LayerNorm", hidden);
        for (int i = 0; i < config.layers(); i++) {
            String layer = "encoder.layer." + i + ".";
            linear(shapes, layer + "attention.self.query", hidden, hidden);
            linear(shapes, layer + "attention.self.key", hidden, hidden);
            linear(shapes, layer + "attention.self.value", hidden, hidden);
            linear(shapes, layer + "attention.output.dense", hidden, hidden);
            norm(shapes, layer + "attention.output.LayerNorm", hidden);
            linear(shapes, layer + "intermediate.dense", config.intermediateSize(), hidden);
            linear(shapes, layer + "output.dense", hidden, config.intermediateSize());
            norm(shapes, layer + "output.LayerNorm", hidden);
        }
        return shapes;
    }

    private static void linear(Map<String, Shape> shapes, String name, int out, int in) {
        shapes.put(name + ".weight", new Shape(out, in));
        shapes.put(name + ".bias", new Shape(out));
    }

    private static void norm(Map<String, Shape> shapes, String name, int size) {
        shapes.put(name + ".weight", new Shape(size));
        shapes.put(name + ".bias", new Shape(size));
    }

    /** Old files, bert-base-uncased among them, call the parameters of LayerNorm gamma and beta. */
    @Override
    public String toProgram(String name) {
        return name.replaceFirst("^bert\\.", "")
                .replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
                .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
    }

    @Override
    public String toFile(String name) {
        return name.startsWith("classifier.") ? name : "bert." + name;
    }

    @Override
    public String transformersClass(Head head) {
        return "BertFor" + head.transformersSuffix();
    }
}
