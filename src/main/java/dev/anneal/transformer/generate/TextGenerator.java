package dev.anneal.transformer.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.anneal.transformer.Model;
import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.architecture.Task;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Argument;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import dev.anneal.transformer.tokenizer.TokenText;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Generates text with a decoder, in fp32, a token at a time. Safe for use by many threads. */
public final class TextGenerator implements AutoCloseable {

    private final Model model;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Set<Integer> ends;
    private final int maxLength;
    private final int threads;

    private TextGenerator(Model model, Tokenizer tokenizer, ChatTemplate template, Set<Integer> ends, int threads) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.template = template;
        this.ends = ends;
        this.maxLength = model.architecture().maxLength(model.config());
        this.threads = threads;
    }

    /** Loads a model onto a device ({@code cpu}, {@code cuda:0}); each call computes with that many threads. */
    public static TextGenerator load(Path modelDirectory, String device, int threads) {
        ModelConfig config = ModelConfig.read(modelDirectory);
        Architecture architecture = Architecture.of(config);
        if (!architecture.generates()) {
            throw new ModelException("Models of type '" + config.modelType() + "' cannot generate text");
        }
        ChatTemplate template = ChatTemplate.of(modelDirectory);
        Tokenizer tokenizer = Tokenizer.load(modelDirectory, architecture.maxLength(config));
        try {
            Set<Integer> ends = ends(modelDirectory, config, template, tokenizer);
            Model model = Model.load(modelDirectory, config, architecture.head(Task.CAUSAL_LM, config, 0), device);
            return new TextGenerator(model, tokenizer, template, ends, threads);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Returns the end tokens of the configuration, the generation settings and the tokenizer, and the end of a chat turn. */
    private static Set<Integer> ends(Path directory, ModelConfig config, ChatTemplate template, Tokenizer tokenizer) {
        Set<Integer> ends = new HashSet<>();
        addNumbers(ends, config.fields().path("eos_token_id"));
        addNumbers(
                ends,
                HuggingFaceFiles.read(directory.resolve(HuggingFaceFiles.GENERATION_CONFIG))
                        .path("eos_token_id"));
        Integer endToken = tokenizer.endToken();
        if (endToken != null) {
            ends.add(endToken);
        }
        int[] endOfTurn = tokenizer.encodeAll(template.endOfTurn(), false);
        boolean isSpecial = endOfTurn.length > 0
                && tokenizer.decode(new int[] {endOfTurn[0]}).isEmpty();
        if (isSpecial) {
            ends.add(endOfTurn[0]);
        }
        return Set.copyOf(ends);
    }

    private static void addNumbers(Set<Integer> numbers, JsonNode value) {
        if (value.isIntegralNumber()) {
            numbers.add(value.asInt());
        }
        value.valueStream().filter(JsonNode::isIntegralNumber).forEach(number -> numbers.add(number.asInt()));
    }

    /** The limit for the tokens of a prompt and its answer together. */
    public int maxLength() {
        return maxLength;
    }

    /** Returns the tokens of a prompt. */
    public int[] encode(String prompt) {
        return tokenizer.encodeAll(prompt, true);
    }

    /** Returns the tokens of a conversation up to the answer; each message has {@code role} and {@code content}. */
    public int[] encode(List<Map<String, Object>> messages) {
        return tokenizer.encodeAll(template.render(messages, true), false);
    }

    /**
     * Generates text after a prompt, in the calling thread.
     *
     * @param onText receives the new text piece by piece, in whole characters; an exception of it ends the generation
     */
    public Generation generate(int[] prompt, GenerationOptions options, Consumer<String> onText) {
        if (prompt.length == 0 || prompt.length >= maxLength) {
            throw new ModelException("The prompt has " + prompt.length + " tokens. The model accepts 1 to "
                    + (maxLength - 1) + ", because prompt and answer together have at most " + maxLength);
        }
        Torch.useThreads(threads);
        SplittableRandom seeds = new SplittableRandom(options.seed());
        TokenText text = new TokenText(tokenizer, prompt, options.stop());
        StringBuilder whole = new StringBuilder();
        Consumer<String> hand = piece -> {
            if (!piece.isEmpty()) {
                whole.append(piece);
                onText.accept(piece);
            }
        };
        int most = Math.min(options.maxNewTokens(), maxLength - prompt.length);
        int count = 0;
        boolean ended = false;
        try (NDManager arrays = model.newManager();
                Argument past = Argument.of(List.of())) {
            int[] given = prompt;
            while (count < most && !ended && !text.isStopped()) {
                int id = next(arrays, given, prompt.length + count, past, options, seeds.nextLong());
                count++;
                ended = ends.contains(id);
                if (!ended) {
                    hand.accept(text.add(id));
                }
                given = new int[] {id};
            }
        }
        hand.accept(text.rest());
        boolean stopped = ended || text.isStopped();
        return new Generation(
                whole.toString(),
                stopped ? Generation.FinishReason.STOP : Generation.FinishReason.LENGTH,
                prompt.length,
                count);
    }

    /** Returns the token after {@code given}, which are the last of {@code total} tokens; {@code past} caches the others. */
    private int next(NDManager all, int[] given, int total, Argument past, GenerationOptions options, long seed) {
        try (NDManager arrays = all.newSubManager()) {
            long[] segments = new long[total];
            Arrays.fill(segments, 1);
            Map<String, NDArray> batch = Map.of(
                    "ids", arrays.create(Arrays.stream(given).asLongStream().toArray(), new Shape(1, given.length)),
                    "segments", arrays.create(segments, new Shape(1, total)));
            return (int) model.infer(
                            arrays, "sample", batch, past, options.temperature(), options.topK(), options.topP(), seed)
                    .getLong();
        }
    }

    @Override
    public void close() {
        model.close();
        tokenizer.close();
    }
}
