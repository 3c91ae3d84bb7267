package dev.anneal.transformer.architecture;

import ai.djl.ndarray.types.Shape;
import dev.anneal.text.Visible;
import dev.anneal.transformer.format.ModelException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * GPT-2 (<a href="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf">Radford
 * et al., 2019</a>), as transformers' {@code GPT2Model}. Files may also contain causal masks, which are ignored.
 */
final class Gpt2 implements Architecture {
    private static final String PREFIX = "transformer.";

    @Override
    public String program() {
        return "gpt2";
    }

    @Override
    public boolean generates() {
        return true;
    }

    @Override
    public Map<String, Object> settings(ModelConfig config) {
        return Map.of(
                "depth", layers(config),
                "heads", heads(config),
                "eps", config.number("layer_norm_epsilon", 1e-5),
                "frozen", 0);
    }

    @Override
    public void check(ModelConfig config) {
        String activation = config.text("activation_function", "gelu_new");
        if (!Set.of("gelu_new", "gelu_pytorch_tanh").contains(activation)) {
            throw new ModelException("config.json: 'activation_function' is '" + Visible.quote(activation)
                    + "'. Only 'gelu_new' is supported.");
        }
        if (!config.flag("scale_attn_weights", true) || config.flag("scale_attn_by_inverse_layer_idx", false)) {
            throw new ModelException("config.json: only attention that is scaled by the head size is supported");
        }
        if (hiddenSize(config) % config.integer("n_head") != 0) {
            throw new ModelException("config.json: 'n_embd' must be a multiple of 'n_head'");
        }
    }

    @Override
    public Map<String, Shape> shapes(ModelConfig config) {
        int hidden = hiddenSize(config);
        int inner = config.integer("n_inner", 4 * hidden);
        Shapes shapes = new Shapes();
        shapes.weight("wte", config.integer("vocab_size"), hidden);
        shapes.weight("wpe", maxLength(config), hidden);
        for (int i = 0; i < layers(config); i++) {
            String layer = layerPrefix() + i + ".";
            shapes.norm(layer + "ln_1", hidden);
            transposed(shapes, layer + "attn.c_attn", hidden, 3 * hidden);
            transposed(shapes, layer + "attn.c_proj", hidden, hidden);
            shapes.norm(layer + "ln_2", hidden);
            transposed(shapes, layer + "mlp.c_fc", hidden, inner);
            transposed(shapes, layer + "mlp.c_proj", inner, hidden);
        }
        shapes.norm("ln_f", hidden);
        return shapes.all();
    }

    private static void transposed(Shapes shapes, String name, int in, int out) {
        shapes.weight(name, in, out);
        shapes.bias(name, out);
    }

    @Override
    public Head head(Task task, ModelConfig config, int labels) {
        return CausalHead.of(task, config, "GPT2LMHeadModel", true);
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
    public int hiddenSize(ModelConfig config) {
        return config.integer("n_embd");
    }

    @Override
    public int heads(ModelConfig config) {
        return config.integer("n_head");
    }

    @Override
    public double attentionDropout(ModelConfig config) {
        return config.share("attn_pdrop", 0.1);
    }

    @Override
    public String layersField() {
        return "n_layer";
    }

    @Override
    public int maxLength(ModelConfig config) {
        return config.integer("n_positions");
    }

    @Override
    public boolean isTransposed(String name) {
        return name.matches("h\\.\\d+\\.(attn|mlp)\\.c_\\w+\\.weight");
    }

    @Override
    public String layerPrefix() {
        return "h.";
    }

    @Override
    public String tokenEmbeddings() {
        return "wte.weight";
    }

    @Override
    public boolean isEmbedding(String name) {
        return name.startsWith("wte") || name.startsWith("wpe");
    }

    @Override
    public List<String> loraTargets() {
        return List.of("c_attn");
    }

    @Override
    public double dropout() {
        return 0.1;
    }

    @Override
    public Vocabulary vocabulary() {
        return Vocabulary.BYTE_PAIRS;
    }
}
