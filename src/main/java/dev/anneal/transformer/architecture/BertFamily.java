package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.format.ModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * BERT (<a href="https://arxiv.org/abs/1810.04805">Devlin et al., 2018</a>) and the models that are built like it: one
 * program, and for each a table of the names of its weights and fields in transformers.
 */
enum BertFamily implements Architecture {
    BERT("Bert", "bert.", "tanh", false, Vocabulary.WORD_PIECE),
    /** <a href="https://arxiv.org/abs/1910.01108">Sanh et al., 2019</a>. */
    DISTILBERT("DistilBert", "distilbert.", "relu", false, Vocabulary.WORD_PIECE),
    /** <a href="https://arxiv.org/abs/1907.11692">Liu et al., 2019</a>; positions are counted from 2. */
    ROBERTA("Roberta", "roberta.", "tanh", true, Vocabulary.ROBERTA_BYTE_PAIRS),
    /** <a href="https://arxiv.org/abs/1911.02116">Conneau et al., 2019</a>: RoBERTa with another vocabulary. */
    XLM_ROBERTA("XLMRoberta", "roberta.", "tanh", true, Vocabulary.NONE),
    /** <a href="https://arxiv.org/abs/2003.10555">Clark et al., 2020</a>; embeddings may be narrower than the layers. */
    ELECTRA("Electra", "electra.", "gelu", true, Vocabulary.WORD_PIECE);

    /** BERT's name of a part, then DistilBERT's; parts of attention come first, because other names end like theirs. */
    private static final class DistilBertNames {
        static final List<String[]> TABLE = List.of(
                new String[] {"attention.self.query.", "attention.q_lin."},
                new String[] {"attention.self.key.", "attention.k_lin."},
                new String[] {"attention.self.value.", "attention.v_lin."},
                new String[] {"attention.output.dense.", "attention.out_lin."},
                new String[] {"attention.output.LayerNorm.", "sa_layer_norm."},
                new String[] {"intermediate.dense.", "ffn.lin1."},
                new String[] {"output.dense.", "ffn.lin2."},
                new String[] {"output.LayerNorm.", "output_layer_norm."});
    }

    /** The distance from 0 at which relu is linear, and gelu nearly so, for numbers such as {@link MeanLayer} returns. */
    private static final float SHIFT = 2;

    private final String classPrefix;
    private final String prefix;
    private final String pool;
    private final boolean poolDrop;
    private final Vocabulary vocabulary;

    BertFamily(String classPrefix, String prefix, String pool, boolean poolDrop, Vocabulary vocabulary) {
        this.classPrefix = classPrefix;
        this.prefix = prefix;
        this.pool = pool;
        this.poolDrop = poolDrop;
        this.vocabulary = vocabulary;
    }

    private boolean isDistilBert() {
        return this == DISTILBERT;
    }

    private boolean isRoberta() {
        return this == ROBERTA || this == XLM_ROBERTA;
    }

    @Override
    public String program() {
        return "bert";
    }

    @Override
    public Map<String, Object> settings(ModelConfig config) {
        return Map.of(
                "depth",
                layers(config),
                "heads",
                heads(config),
                "eps",
                isDistilBert() ? 1e-12 : config.number("layer_norm_eps", 1e-12),
                "offset",
                isRoberta() ? 2 : 0,
                "pool",
                pool,
                "pool_drop",
                poolDrop,
                "frozen",
                0);
    }

    @Override
    public int hiddenSize(ModelConfig config) {
        return config.integer(isDistilBert() ? "dim" : "hidden_size");
    }

    @Override
    public int heads(ModelConfig config) {
        return config.integer(isDistilBert() ? "n_heads" : "num_attention_heads");
    }

    @Override
    public double attentionDropout(ModelConfig config) {
        return config.share(isDistilBert() ? "attention_dropout" : "attention_probs_dropout_prob", 0.1);
    }

    @Override
    public String layersField() {
        return isDistilBert() ? "n_layers" : "num_hidden_layers";
    }

    @Override
    public ModelConfig withMeans(ModelConfig config) {
        return config.with(layersField(), layers(config) + 1);
    }

    @Override
    public float[] passing(String name, Shape shape) {
        return MeanLayer.weight(name, shape, pool.equals("tanh") ? 0 : SHIFT);
    }

    @Override
    public int maxLength(ModelConfig config) {
        return config.integer("max_position_embeddings") - (isRoberta() ? 2 : 0);
    }

    @Override
    public void check(ModelConfig config) {
        config.require(isDistilBert() ? "activation" : "hidden_act", "gelu");
        if (!isDistilBert()) {
            config.require("position_embedding_type", "absolute");
        }
        if (isRoberta() && config.integer("pad_token_id", 1) != 1) {
            throw new ModelException("config.json: 'pad_token_id' of a RoBERTa must be 1");
        }
        int heads = heads(config);
        if (hiddenSize(config) % heads != 0) {
            throw new ModelException(
                    "config.json: the hidden size must be a multiple of the number of attention heads");
        }
    }

    @Override
    public Map<String, Shape> shapes(ModelConfig config) {
        int hidden = hiddenSize(config);
        int embedding = this == ELECTRA ? config.integer("embedding_size") : hidden;
        int inner = config.integer(isDistilBert() ? "hidden_dim" : "intermediate_size");
        Shapes shapes = new Shapes();
        shapes.weight("embeddings.word_embeddings", config.integer("vocab_size"), embedding);
        shapes.weight("embeddings.position_embeddings", config.integer("max_position_embeddings"), embedding);
        if (!isDistilBert()) {
            shapes.weight("embeddings.token_type_embeddings", config.integer("type_vocab_size"), embedding);
        }
        shapes.norm("embeddings.LayerNorm", embedding);
        if (embedding != hidden) {
            shapes.linear("embeddings_project", hidden, embedding);
        }
        for (int i = 0; i < layers(config); i++) {
            String layer = layerPrefix() + i + ".";
            shapes.linear(layer + "attention.self.query", hidden, hidden);
            shapes.linear(layer + "attention.self.key", hidden, hidden);
            shapes.linear(layer + "attention.self.value", hidden, hidden);
            shapes.linear(layer + "attention.output.dense", hidden, hidden);
            shapes.norm(layer + "attention.output.LayerNorm", hidden);
            shapes.linear(layer + "intermediate.dense", inner, hidden);
            shapes.linear(layer + "output.dense", hidden, inner);
            shapes.norm(layer + "output.LayerNorm", hidden);
        }
        return shapes.all();
    }

    @Override
    public Head head(Task task, ModelConfig config, int labels) {
        int hidden = hiddenSize(config);
        Shapes shapes = new Shapes();
        Map<String, String> names = new LinkedHashMap<>();
        switch (task) {
            case CAUSAL_LM ->
                throw new ModelException(
                        "Models of type '" + config.modelType() + "' do not support the task causal-lm");
            case MASKED_LM -> {
                int embedding = this == ELECTRA ? config.integer("embedding_size") : hidden;
                shapes.linear("mlm.dense", embedding, hidden);
                shapes.norm("mlm.norm", embedding);
                shapes.bias("mlm", config.integer("vocab_size"));
                if (this == BERT) {
                    Heads.name(names, "mlm.dense", "cls.predictions.transform.dense");
                    Heads.name(names, "mlm.norm", "cls.predictions.transform.LayerNorm");
                    names.put("mlm.bias", "cls.predictions.bias");
                } else if (isDistilBert()) {
                    Heads.name(names, "mlm.dense", "vocab_transform");
                    Heads.name(names, "mlm.norm", "vocab_layer_norm");
                    names.put("mlm.bias", "vocab_projector.bias");
                } else if (isRoberta()) {
                    Heads.name(names, "mlm.dense", "lm_head.dense");
                    Heads.name(names, "mlm.norm", "lm_head.layer_norm");
                    names.put("mlm.bias", "lm_head.bias");
                } else {
                    Heads.name(names, "mlm.dense", "generator_predictions.dense");
                    Heads.name(names, "mlm.norm", "generator_predictions.LayerNorm");
                    names.put("mlm.bias", "generator_lm_head.bias");
                }
            }
            case TOKEN_CLASSIFICATION -> {
                shapes.linear("classifier", labels, hidden);
                Heads.name(names, "classifier", "classifier");
            }
            default -> {
                shapes.linear("pooler.dense", hidden, hidden);
                shapes.linear("classifier", labels, hidden);
                boolean own = isRoberta() || this == ELECTRA;
                String dense = own ? "classifier.dense" : isDistilBert() ? "pre_classifier" : "bert.pooler.dense";
                Heads.name(names, "pooler.dense", dense);
                Heads.name(names, "classifier", own ? "classifier.out_proj" : "classifier");
            }
        }
        return new Head(task, Heads.program(task), shapes.all(), names, classPrefix + "For" + Heads.suffix(task));
    }

    @Override
    public String toProgram(String fileName) {
        String name = fileName;
        if (name.startsWith(prefix)) {
            name = name.substring(prefix.length());
        }
        return isDistilBert() ? rename(name.replace("transformer.layer.", "encoder.layer."), 1, 0) : name;
    }

    @Override
    public String toFile(String name) {
        return prefix + (isDistilBert() ? rename(name.replace("encoder.layer.", "transformer.layer."), 0, 1) : name);
    }

    private static String rename(String name, int from, int to) {
        for (String[] part : DistilBertNames.TABLE) {
            if (name.contains("." + part[from])) {
                return name.replace("." + part[from], "." + part[to]);
            }
        }
        return name;
    }

    @Override
    public String layerPrefix() {
        return "encoder.layer.";
    }

    @Override
    public String tokenEmbeddings() {
        return "embeddings.word_embeddings.weight";
    }

    @Override
    public boolean isEmbedding(String name) {
        return name.startsWith("embeddings");
    }

    @Override
    public List<String> loraTargets() {
        return isDistilBert() ? List.of("q_lin", "v_lin") : List.of("query", "value");
    }

    @Override
    public double dropout() {
        return 0.1;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }
}
