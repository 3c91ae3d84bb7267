package dev.anneal.transformer.generate;

import dev.anneal.transformer.format.ModelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** An engine in fp32 whose callers wait for their texts. */
public final class TextGenerator implements AutoCloseable {
    private static final int TEXTS = 16;

    private final GenerationEngine engine;

    private TextGenerator(GenerationEngine engine) {
        this.engine = engine;
    }

    /** Loads a model onto a device ({@code cpu}, {@code cuda:0}), which computes with that many threads. */
    public static TextGenerator load(Path modelDirectory, String device, int threads) {
        var limits = new GenerationEngine.Limits(threads, TEXTS, Integer.MAX_VALUE / 2, Integer.MAX_VALUE / 2);
        return new TextGenerator(GenerationEngine.load(modelDirectory, device, GenerationEngine.FP32, limits));
    }

    /** The limit for the tokens of a prompt and its answer together. */
    public int maxLength() {
        return engine.maxLength();
    }

    /** Returns the tokens of a prompt. */
    public int[] encode(String prompt) {
        return engine.encode(prompt);
    }

    /** Returns the tokens of a conversation up to the answer; each message has {@code role} and {@code content}. */
    public int[] encode(List<Map<String, Object>> messages) {
        return engine.encode(messages);
    }

    /**
     * Generates text after a prompt.
     *
     * @param onText receives the new text piece by piece, in whole characters, in the calling thread; an exception of it
     *     ends the generation
     */
    public Generation generate(int[] prompt, GenerationOptions options, Consumer<String> onText) {
        BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        GenerationEngine.Handle handle = engine.submit(prompt, options, new GenerationListener() {
            @Override
            public void text(String piece, List<TokenScore> scores) {
                events.add(piece);
            }

            @Override
            public void ended(Generation generation) {
                events.add(generation);
            }

            @Override
            public void failed(RuntimeException cause) {
                events.add(cause);
            }
        });
        try {
            while (true) {
                Object event = events.take();
                if (event instanceof Generation generation) {
                    return generation;
                } else if (event instanceof RuntimeException cause) {
                    throw cause;
                }
                onText.accept((String) event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelException("The generation was interrupted", e);
        } finally {
            handle.cancel();
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
