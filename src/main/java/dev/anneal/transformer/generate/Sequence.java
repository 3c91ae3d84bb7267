package dev.anneal.transformer.generate;

import ai.djl.ndarray.NDArray;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.generate.Generation.FinishReason;
import dev.anneal.transformer.tokenizer.TokenText;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One text that is generated: its tokens so far, its cache, and who listens. */
final class Sequence {
    private static final Logger log = LoggerFactory.getLogger(Sequence.class);

    /** A text can have so many characters for each token that it may have, but at least {@code MIN_CHARACTERS}. */
    private static final int MAX_CHARACTERS_PER_TOKEN = 64;

    private static final int MIN_CHARACTERS = 1 << 18;

    private final int[] prompt;
    private final GenerationOptions options;
    private final GenerationListener listener;
    private final Tokenizer tokenizer;
    private final Set<Integer> ends;
    private final int most;
    private final TokenText text;
    private final SplittableRandom draws;
    private final StringBuilder whole = new StringBuilder();
    private final List<TokenScore> scores = new ArrayList<>();
    private @Nullable NDArray cache;
    private int cached;
    private int count;
    private int last;
    private double draw;
    private boolean closed;
    private volatile boolean cancelled;

    Sequence(
            int[] prompt,
            GenerationOptions options,
            GenerationListener listener,
            Tokenizer tokenizer,
            Set<Integer> ends,
            int most) {
        this.prompt = prompt;
        this.options = options;
        this.listener = listener;
        this.tokenizer = tokenizer;
        this.ends = ends;
        this.most = most;
        this.text = new TokenText(tokenizer, prompt, options.stop());
        this.draws = new SplittableRandom(options.seed());
        this.draw = nextDraw();
    }

    /** Returns 23 random bits, so that a product in fp32 stays below the other factor. */
    private double nextDraw() {
        return (draws.nextInt() >>> 9) * 0x1p-23;
    }

    String group() {
        return listener.group();
    }

    String owner() {
        return listener.owner();
    }

    GenerationListener listener() {
        return listener;
    }

    int promptTokens() {
        return prompt.length;
    }

    /** The tokens that the cache has room for; the last token of the answer is never computed. */
    int room() {
        return prompt.length + most - 1;
    }

    int logprobs() {
        return options.logprobs();
    }

    void begin(NDArray newCache) {
        cache = newCache;
    }

    /** The tokens of the prompt that the next step computes, at most a chunk; 0 if the prompt is done. */
    int promptPart(int chunk) {
        // Chunks begin at the same places whatever else is computed, so that their results have the same bits.
        return Math.min(chunk, prompt.length - cached);
    }

    /** Returns what the next step computes of this text. */
    Decoder.Part part(int chunk) {
        NDArray room = Objects.requireNonNull(cache);
        if (cached >= prompt.length) {
            return new Decoder.Part(room, new int[] {last}, cached, choice());
        }
        int to = cached + promptPart(chunk);
        int[] ids = Arrays.copyOfRange(prompt, cached, to);
        return new Decoder.Part(room, ids, cached, to == prompt.length ? choice() : null);
    }

    private Decoder.Choice choice() {
        return new Decoder.Choice(options.temperature(), options.topK(), options.topP(), draw);
    }

    /** Takes over the result of a step: the tokens that are now in the cache, and the next one at the end of the prompt. */
    void add(int computed, Decoder.@Nullable Chosen chosen) {
        cached += computed;
        if (chosen == null) {
            return;
        }
        count++;
        last = chosen.token();
        draw = nextDraw();
        if (options.logprobs() >= 0) {
            scores.add(score(chosen));
        }
        boolean ended = ends.contains(last);
        if (!ended) {
            hand(text.add(last));
        }
        if (ended || text.isStopped() || count == most) {
            hand(text.rest()); // it may contain a stop text
            finish(ended || text.isStopped() ? FinishReason.STOP : FinishReason.LENGTH);
        }
    }

    private TokenScore score(Decoder.Chosen chosen) {
        List<TokenScore> likeliest = new ArrayList<>();
        for (int i = 0; i < Math.min(options.logprobs(), chosen.likeliest().length); i++) {
            likeliest.add(score(chosen.likeliest()[i], chosen.logprobs()[i], List.of()));
        }
        return score(chosen.token(), chosen.logprob(), likeliest);
    }

    private TokenScore score(int id, double logprob, List<TokenScore> likeliest) {
        return new TokenScore(id, tokenizer.decode(new int[] {id}), logprob, likeliest);
    }

    private void hand(String piece) {
        if (whole.length() + (long) piece.length() > maxCharacters()) {
            throw new ModelException("The text has more than " + maxCharacters()
                    + " characters: the model has very long tokens. Set a smaller number of new tokens");
        }
        if (!piece.isEmpty()) {
            whole.append(piece);
            tell(piece);
        }
    }

    private long maxCharacters() {
        return Math.max(MIN_CHARACTERS, (long) MAX_CHARACTERS_PER_TOKEN * most);
    }

    /** Calls the listener. If that fails, the next step leaves this text out. */
    private void tell(String piece) {
        try {
            listener.text(piece, List.copyOf(scores));
        } catch (RuntimeException e) {
            log.debug("a listener failed", e);
            cancel();
        }
        scores.clear();
    }

    private void finish(FinishReason reason) {
        if (!scores.isEmpty()) {
            tell("");
        }
        if (!cancelled) {
            end(reason);
        }
    }

    private void end(FinishReason reason) {
        closed = true;
        listener.ended(new Generation(whole.toString(), reason, prompt.length, count));
    }

    /** Lets the next step leave this text out. */
    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** Ends a cancelled text. */
    void endCancelled() {
        if (!closed) {
            end(FinishReason.CANCELLED);
        }
    }

    void fail(RuntimeException cause) {
        if (!closed) {
            closed = true;
            listener.failed(cause);
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Frees the cache. */
    void release() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }
}
