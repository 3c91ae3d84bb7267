package dev.anneal.transformer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The tokenizer of a model directory. It cuts texts at a length, never pads, and may be used by many threads at once. */
public final class Tokenizer implements AutoCloseable {
    public static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;

    private Tokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Cuts at so many tokens, special ones included; of a pair, the longer text first. */
    public static Tokenizer load(Path modelDirectory, int maxLength) {
        Map<String, String> options = Map.of(
                "padding",
                "DO_NOT_PAD",
                "truncation",
                "LONGEST_FIRST",
                "maxLength",
                String.valueOf(maxLength),
                "modelMaxLength",
                String.valueOf(maxLength));
        try (InputStream json = Files.newInputStream(modelDirectory.resolve(FILE))) {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(json, options));
        } catch (IOException e) {
            throw new ModelException("cannot read " + modelDirectory.resolve(FILE), e);
        } catch (RuntimeException e) {
            throw new ModelException(FILE + " is not a tokenizer: " + e.getMessage(), e);
        }
    }

    /** The tokens of a text, or of a pair of texts where the second is not null. */
    public Encoded encode(String text, String textPair) {
        Encoding encoding = textPair == null ? tokenizer.encode(text) : tokenizer.encode(text, textPair, true, false);
        long[] longIds = encoding.getIds();
        int[] ids = new int[longIds.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) longIds[i];
        }
        return new Encoded(ids, types(encoding.getTypeIds()));
    }

    private static byte[] types(long[] typeIds) {
        byte[] types = new byte[typeIds.length];
        boolean any = false;
        for (int i = 0; i < types.length; i++) {
            types[i] = (byte) typeIds[i];
            any |= types[i] != 0;
        }
        return any ? types : null;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
