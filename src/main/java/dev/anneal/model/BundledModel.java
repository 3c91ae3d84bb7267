package dev.anneal.model;

import dev.anneal.json.Json;
import dev.anneal.model.OnnxFile.Node;
import dev.anneal.model.OnnxFile.Tensor;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.weights.Safetensors;
import dev.anneal.transformer.weights.StoredTensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * The bundled base model,
 * <a href="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2">all-MiniLM-L6-v2</a>: 22.7 million parameters,
 * Apache-2.0. The class path has it as ONNX; this class makes a Hugging Face directory of it.
 */
public final class BundledModel {
    public static final String NAME = "all-MiniLM-L6-v2";

    /** The repository in which the model is published. */
    public static final String REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2";

    public static final String LICENSE = "apache-2.0";
    private static final String WEIGHTS = "/all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";
    private static final String CONFIG = """
            {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6,
             "num_attention_heads": 12, "intermediate_size": 1536, "vocab_size": 30522, "max_position_embeddings": 512,
             "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
             "attention_probs_dropout_prob": 0.1, "initializer_range": 0.02, "pad_token_id": 0,
             "position_embedding_type": "absolute", "torch_dtype": "float32"}
            """;
    private static final String TOKENIZER_CONFIG = """
            {"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 512, "cls_token": "[CLS]",
             "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
            """;

    private BundledModel() {}

    /** Writes the model into a directory, which is created if it does not exist. */
    public static void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path onnx = directory.resolve("model.onnx.part");
        try (InputStream in = BundledModel.class.getResourceAsStream(WEIGHTS)) {
            Files.copy(in, onnx, StandardCopyOption.REPLACE_EXISTING);
        }
        try (FileChannel channel = FileChannel.open(onnx)) {
            OnnxFile file = OnnxFile.read(channel.map(MapMode.READ_ONLY, 0, channel.size()));
            Safetensors.write(directory.resolve(HuggingFaceFiles.WEIGHTS), weights(file));
        } finally {
            Files.delete(onnx);
        }
        new ModelConfig((ObjectNode) Json.MAPPER.readTree(CONFIG)).write(directory);
        HuggingFaceFiles.writeTokenizerConfig(directory, (ObjectNode) Json.MAPPER.readTree(TOKENIZER_CONFIG));
        try (InputStream in = BundledModel.class.getResourceAsStream(TOKENIZER)) {
            ObjectNode tokenizer = (ObjectNode) Json.MAPPER.readTree(in);
            // It would pad each text to 128 tokens and truncate there.
            tokenizer.putNull("padding");
            tokenizer.putNull("truncation");
            Files.writeString(directory.resolve(HuggingFaceFiles.TOKENIZER), Json.write(tokenizer));
        }
    }

    /**
     * Most tensors have kept their names. The matrices of linear layers have anonymous names and are transposed; each is
     * identified by its operation, called {@code /encoder/layer.0/attention/self/query/MatMul}.
     */
    private static SortedMap<String, StoredTensor> weights(OnnxFile file) {
        SortedMap<String, StoredTensor> weights = new TreeMap<>();
        file.tensors().forEach((name, tensor) -> {
            if (tensor.isFloat() && tensor.shape().length > 0 && !name.startsWith("onnx::") && !name.startsWith("/")) {
                weights.put(name, new StoredTensor("F32", tensor.shape(), tensor::floats));
            }
        });
        for (Node node : file.nodes()) {
            Tensor tensor = node.operation().equals("MatMul")
                    ? file.tensors().get(node.inputs().get(1))
                    : null;
            if (tensor != null && tensor.isFloat()) {
                String name = node.name().substring(1).replace("/MatMul", "").replace('/', '.') + ".weight";
                long[] shape = {tensor.shape()[1], tensor.shape()[0]};
                weights.put(name, new StoredTensor("F32", shape, () -> transposed(tensor)));
            }
        }
        return weights;
    }

    private static ByteBuffer transposed(Tensor tensor) {
        int rows = (int) tensor.shape()[0];
        int columns = (int) tensor.shape()[1];
        FloatBuffer in = tensor.floats().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        ByteBuffer out = ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                out.putFloat(in.get(row * columns + column));
            }
        }
        return out.flip();
    }
}
