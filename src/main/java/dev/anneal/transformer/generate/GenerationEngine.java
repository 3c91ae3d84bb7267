package dev.anneal.transformer.generate;

import dev.anneal.transformer.architecture.Architecture;
import dev.anneal.transformer.architecture.ModelConfig;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.program.Torch;
import dev.anneal.transformer.tokenizer.ChatTemplate;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generates texts with a decoder, many at once: texts join and leave the batch between tokens. One thread computes; the
 * other methods are safe for use by many threads. On a CPU with packed weights, a text does not depend on the other
 * texts in its batch.
 */
public final class GenerationEngine implements AutoCloseable {
    public static final String AUTO = "auto";
    public static final String FP32 = "fp32";
    public static final String BF16 = "bf16";

    /** The largest difference between a probability in bf16 and in fp32 with which bf16 is chosen automatically. */
    public static final double BOUND = 0.15;

    /** The tokens of a prompt that are computed at once, while the other texts wait. */
    static final int CHUNK = 256;

    private static final Logger log = LoggerFactory.getLogger(GenerationEngine.class);

    private static final List<String> CHECKED = List.of(
            "The capital of France is Paris, and the capital of Italy is Rome. In winter, the days are short",
            "def add(a, b):\n    return a + b\n\nfor i in range(10):\n    print(add(i, 1))",
            "Question: What is 12 times 11?\nAnswer: 132. Die Antwort ist richtig.");

    /**
     * Limits of an engine.
     *
     * @param threads how many threads compute a step
     * @param texts how many texts are generated at once
     * @param textsPerOwner the same for texts of one owner, who may take a share of {@code cacheTokens} in this proportion
     * @param cacheTokens the tokens, of prompts and answers together, for which the caches have room; a text waits until
     *     there is room for its prompt and all tokens that its answer may have
     * @param waitingTokens the tokens of prompts that may wait
     */
    public record Limits(int threads, int texts, int textsPerOwner, int cacheTokens, int waitingTokens) {
        /** Returns limits that are the same for one owner as for all. */
        public Limits(int threads, int texts, int cacheTokens, int waitingTokens) {
            this(threads, texts, texts, cacheTokens, waitingTokens);
        }

        /** Returns the same for all owners of a group: half of what is left is for other groups. */
        int textsPerGroup() {
            return texts - Math.max(0, texts - textsPerOwner) / 2;
        }

        /** Returns the tokens in the proportion of a number of texts. */
        int cacheTokensOf(int part) {
            return (int) ((long) cacheTokens * Math.min(texts, part) / texts);
        }
    }

    /** Runs the steps of an engine, for example within a bound on their time. */
    public interface StepRunner {
        /** Runs a step that computes the texts of these listeners. */
        void run(List<GenerationListener> texts, Runnable step);

        /** Returns whether a step may compute the texts of both. */
        default boolean mayShare(GenerationListener one, GenerationListener other) {
            return true;
        }
    }

    /** A submitted text. */
    public interface Handle {
        /** Ends the text at the next token. */
        void cancel();
    }

    /** The computation of the next tokens of texts; in a test it may fail. */
    interface Steps {
        List<Decoder.@Nullable Chosen> step(List<Decoder.Part> parts, int logprobs);
    }

    private final Decoder decoder;
    private final GenerationStep step;
    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Set<Integer> ends;
    private final int maxLength;
    private final int vocabulary;
    private final Limits limits;
    private final Thread thread = new Thread(this::run, "generation");

    /** The texts that wait. It is also the lock of what other threads use. */
    private final Waiting waiting = new Waiting();

    private final List<Sequence> running = new ArrayList<>();
    /** The use of places and caches by the running texts. */
    private final Shares shares;

    private boolean closed;

    private GenerationEngine(
            Decoder decoder,
            Steps steps,
            Tokenizer tokenizer,
            ChatTemplate template,
            Set<Integer> ends,
            int maxLength,
            int vocabulary,
            Limits limits,
            StepRunner runner) {
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.template = template;
        this.ends = ends;
        this.maxLength = maxLength;
        this.vocabulary = vocabulary;
        this.limits = limits;
        this.shares = new Shares(limits);
        this.step = new GenerationStep(steps, runner, shares);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Loads a model onto a device ({@code cpu}, {@code cuda:0}).
     *
     * @param precision {@link #FP32}, {@link #BF16}, or {@link #AUTO}: bf16 if the device computes it faster and a check
     *     with fixed texts finds no difference above {@link #BOUND}
     */
    public static GenerationEngine load(Path modelDirectory, String device, String precision, Limits limits) {
        return load(modelDirectory, device, precision, null, limits, (texts, step) -> step.run());
    }

    /**
     * Does the same with a runner of the steps.
     *
     * @param known the difference that the check found earlier on this model; null checks it now
     */
    public static GenerationEngine load(
            Path modelDirectory,
            String device,
            String precision,
            @Nullable Double known,
            Limits limits,
            StepRunner runner) {
        return load(modelDirectory, device, precision, known, limits, runner, steps -> steps);
    }

    static GenerationEngine load(
            Path modelDirectory,
            String device,
            String precision,
            @Nullable Double known,
            Limits limits,
            StepRunner runner,
            UnaryOperator<Steps> wrapped) {
        ModelConfig config = ModelConfig.read(modelDirectory);
        Architecture architecture = Architecture.of(config);
        if (!architecture.generates()) {
            throw new ModelException("Models of type '" + config.modelType() + "' cannot generate text");
        }
        int maxLength = architecture.maxLength(config);
        int vocabulary = config.integer("vocab_size");
        ChatTemplate template = ChatTemplate.of(modelDirectory);
        Tokenizer tokenizer = Tokenizer.load(modelDirectory, maxLength);
        try {
            Set<Integer> ends = EndTokens.of(modelDirectory, config, template, tokenizer);
            Torch.useThreads(limits.threads());
            List<int[]> checked = CHECKED.stream()
                    .map(text -> Arrays.stream(tokenizer.encodeAll(text, true))
                            .filter(id -> id < vocabulary)
                            .limit(maxLength)
                            .toArray())
                    .filter(ids -> ids.length > 0)
                    .toList();
            Decoder decoder = Decoder.load(modelDirectory, config, device, precision, BOUND, known, checked);
            Steps steps = wrapped.apply(decoder::step);
            return new GenerationEngine(
                    decoder, steps, tokenizer, template, ends, maxLength, vocabulary, limits, runner);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** Returns {@link #FP32} or {@link #BF16}. */
    public String precision() {
        return decoder.precision();
    }

    /** Returns the largest difference between a probability in bf16 and in fp32 that the check found; 0 without a check. */
    public double difference() {
        return decoder.difference();
    }

    /** The limit for the tokens of a prompt and its answer together. */
    public int maxLength() {
        return maxLength;
    }

    /** Returns the memory that the caches take at most, in bytes. */
    public long cacheBytes() {
        return cacheBytes(limits.cacheTokens());
    }

    /** Returns the memory that the cache of a text with so many tokens takes, in bytes. */
    public long cacheBytes(int tokens) {
        return decoder.tokenBytes() * tokens;
    }

    /**
     * Returns the memory that attention takes at most in a step beside the caches, in bytes: the masks of a chunk of a prompt.
     * The scores are computed block by block.
     */
    public long stepBytes() {
        return 2L * CHUNK * Math.min(maxLength, limits.cacheTokens()) * Float.BYTES;
    }

    /** Returns how many texts wait. */
    public int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
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
     * Generates text after a prompt.
     *
     * @throws ModelException if the prompt has no tokens, too many, or one that the model lacks, or if prompt and answer
     *     need more tokens than the caches have room for
     * @throws RejectedExecutionException if too many tokens wait
     */
    public Handle submit(int[] prompt, GenerationOptions options, GenerationListener listener) {
        if (prompt.length == 0 || prompt.length >= maxLength) {
            throw new ModelException("The prompt has " + prompt.length + " tokens. The model accepts 1 to "
                    + (maxLength - 1) + ", because prompt and answer together have at most " + maxLength);
        }
        for (int id : prompt) {
            if (id < 0 || id >= vocabulary) {
                throw new ModelException("The prompt contains the token " + id
                        + ", but the model has embeddings only for the tokens 0 to " + (vocabulary - 1));
            }
        }
        int most = Math.min(options.maxNewTokens(), maxLength - prompt.length);
        Sequence sequence = new Sequence(prompt, options, listener, tokenizer, ends, most);
        if (sequence.room() > limits.cacheTokens()) {
            throw new ModelException("The prompt and its answer need room for " + sequence.room()
                    + " tokens, but the server has room for " + limits.cacheTokens()
                    + ". Use a shorter prompt or fewer new tokens.");
        }
        synchronized (waiting) {
            if (closed) {
                throw new IllegalStateException("The model is closed");
            }
            if (!waiting.isEmpty() && waiting.promptTokens() + prompt.length > limits.waitingTokens()) {
                throw new RejectedExecutionException("Too many requests are waiting for this model. Try again later.");
            }
            waiting.add(sequence);
            waiting.notifyAll();
        }
        return sequence::cancel;
    }

    private void run() {
        Torch.useThreads(limits.threads());
        RuntimeException end = new IllegalStateException("The model is closed");
        try {
            while (admit()) {
                step.compute(running);
                running.removeIf(this::isDone);
            }
        } catch (Throwable failure) {
            log.error("generation ended", failure);
            end = new IllegalStateException("The model's thread ended", failure);
        } finally {
            closeAll(end);
        }
    }

    /** Waits for texts and lets them join in turn while there is room. Returns false if the engine is closed. */
    private boolean admit() throws InterruptedException {
        List<Sequence> cancelled;
        List<Sequence> joining = new ArrayList<>();
        synchronized (waiting) {
            while (running.isEmpty() && waiting.isEmpty() && !closed) {
                waiting.wait();
            }
            if (closed) {
                return false;
            }
            cancelled = waiting.removeCancelled();
            for (Sequence next = next(); next != null; next = next()) {
                waiting.begin(next);
                shares.add(next);
                joining.add(next);
            }
        }
        cancelled.forEach(sequence -> GenerationStep.quietly(sequence, sequence::endCancelled));
        running.addAll(joining);
        for (Sequence sequence : joining) {
            try {
                sequence.begin(decoder.newCache(sequence.room()));
            } catch (RuntimeException e) {
                GenerationStep.quietly(sequence, () -> sequence.fail(e));
            }
        }
        running.removeIf(this::isDone);
        return true;
    }

    /**
     * Returns the next text that joins. A text without room keeps its turn: the texts after it wait, too, so that it begins
     * once there is room.
     */
    private @Nullable Sequence next() {
        Sequence next = shares.hasPlace() ? waiting.next(shares::mayBegin) : null;
        return next != null && shares.hasRoom(next) ? next : null;
    }

    private boolean isDone(Sequence sequence) {
        if (sequence.isCancelled()) {
            GenerationStep.quietly(sequence, sequence::endCancelled);
        }
        if (sequence.isClosed()) {
            sequence.release();
            shares.remove(sequence);
        }
        return sequence.isClosed();
    }

    private void closeAll(RuntimeException cause) {
        synchronized (waiting) {
            closed = true;
            running.addAll(waiting.removeAll());
        }
        for (Sequence sequence : running) {
            GenerationStep.quietly(sequence, () -> sequence.fail(cause));
            sequence.release();
        }
        decoder.close();
        tokenizer.close();
    }

    /** Fails the texts that are not done, and frees the memory. */
    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
            waiting.notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
