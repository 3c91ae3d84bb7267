package dev.anneal.transformer.check;

import dev.anneal.text.Visible;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.Encoded;
import dev.anneal.transformer.tokenizer.TokenText;
import dev.anneal.transformer.tokenizer.Tokenizer;
import dev.anneal.transformer.tokenizer.TokenizerJson;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Tokenizes and decodes awkward texts in each way in which a model uses its tokenizer. */
final class TokenizerCheck {
    private static final String FILE = HuggingFaceFiles.TOKENIZER;
    private static final long MAX_CPU_NANOS = 3_000_000_000L;
    private static final int MAX_DECODED = 4096;
    private static final int MAX_ADDED = 500;

    private final Tokenizer tokenizer;
    private final TokenizerJson json;
    private final int rows;
    private final int maxLength;
    private final Consumer<String> steps;

    TokenizerCheck(Tokenizer tokenizer, TokenizerJson json, int rows, int maxLength, Consumer<String> steps) {
        this.tokenizer = tokenizer;
        this.json = json;
        this.rows = rows;
        this.maxLength = maxLength;
        this.steps = steps;
    }

    void check() {
        int special = tokenizer.encodeAll("", true).length;
        if (maxLength <= special) {
            throw new ModelException("tokenizer_config.json: 'model_max_length' allows texts of " + maxLength
                    + " tokens, but the tokenizer adds " + special + " to each text");
        }
        AwkwardTexts.all().forEach((name, text) -> timed(name, () -> text(name, text)));
        List<TokenizerJson.Added> added = json.added();
        String all = String.join(
                " ",
                added.stream()
                        .limit(MAX_ADDED)
                        .map(TokenizerJson.Added::content)
                        .toList());
        timed("its added tokens", () -> {
            text("its added tokens", all);
            added.stream().limit(MAX_ADDED).forEach(this::added);
        });
        timed("single tokens", this::decodeSingleTokens);
    }

    private void timed(String name, Runnable work) {
        steps.accept(FILE + ": " + name);
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try {
            work.run();
        } catch (ModelException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ModelException(FILE + ": the tokenizer fails on " + name, e);
        }
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
        if (nanos > MAX_CPU_NANOS) {
            throw new ModelException(FILE + ": the tokenizer needs " + nanos / 1_000_000_000 + " seconds for " + name);
        }
    }

    private void text(String name, String text) {
        int[] ids = tokenizer.encodeAll(text, true);
        requireRows(name, ids);
        requireRows(name, tokenizer.encodeAll(text, false));
        requireRows(name, tokenizer.encode(text, null).ids());
        Encoded pair = tokenizer.encode(text, "A second text.");
        requireRows(name, pair.ids());
        requireRows(name, tokenizer.encodeSpans(text).ids());
        requireRows(
                name,
                tokenizer
                        .encodeWords(List.of(text.isEmpty() ? "a" : text, "word"))
                        .get(0)
                        .text()
                        .ids());
        tokenizer.decode(ids);
        TokenText stream = new TokenText(tokenizer, new int[0], List.of());
        Arrays.stream(ids).limit(500).forEach(stream::add);
        stream.rest();
    }

    private void added(TokenizerJson.Added token) {
        int[] ids = tokenizer.encodeAll(token.content(), false);
        requireRows("the added token '" + Visible.quote(token.content()) + "'", ids);
        tokenizer.decode(ids);
        if (ids.length == 1 && ids[0] != token.id() && !json.vocabulary().containsValue(ids[0])) {
            throw new ModelException(FILE + ": 'added_tokens' gives '" + Visible.quote(token.content()) + "' the id "
                    + token.id() + ", but the tokenizer produces " + ids[0] + " for it");
        }
    }

    /** Decodes tokens one by one, as a generation does: all of a small vocabulary, or a sample of a large one. */
    private void decodeSingleTokens() {
        int every = Math.max(1, rows / MAX_DECODED);
        for (int id = 0; id < rows; id += every) {
            tokenizer.decode(new int[] {id});
        }
        json.added().stream().limit(MAX_ADDED).forEach(token -> tokenizer.decode(new int[] {token.id()}));
    }

    private void requireRows(String name, int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= rows) {
                throw new ModelException(FILE + ": the tokenizer produces the id " + id + " for " + name
                        + ", but the model has only the ids 0 to " + (rows - 1) + " (vocab_size in config.json is "
                        + rows + ")");
            }
        }
    }
}
