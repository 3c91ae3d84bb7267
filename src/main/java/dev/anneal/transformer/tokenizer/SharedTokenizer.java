package dev.anneal.transformer.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.anneal.files.DurableFiles;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The native tokenizers of a {@code tokenizer.json}. Tokenizers that are open at the same time share them if their files are the
 * same: a trainer opens the tokenizer of its base model and that of its trained model, each for several lengths. One for a length
 * that nobody uses any more is freed, since each has the whole vocabulary.
 */
final class SharedTokenizer implements AutoCloseable {
    private static final String FILE = HuggingFaceFiles.TOKENIZER;
    private static final Map<String, SharedTokenizer> OPEN = new HashMap<>();

    /** The facts about a file that its tokenizers need. */
    record Facts(boolean isByteLevel, int largest, @Nullable Integer unknown, Set<Integer> specialIds) {
        static Facts of(TokenizerJson json) {
            return new Facts(isByteLevel(json), json.largest(), json.unknown(), json.specialIds());
        }

        /** Returns whether words that are given one by one need a space before them, as for GPT-2 and RoBERTa. */
        private static boolean isByteLevel(TokenizerJson json) {
            String pre = json.part("pre_tokenizer").toString();
            return pre.contains("\"ByteLevel\"") && !pre.contains("\"add_prefix_space\":true");
        }
    }

    private static final class Truncating {
        final HuggingFaceTokenizer tokenizer;
        int users;

        Truncating(HuggingFaceTokenizer tokenizer) {
            this.tokenizer = tokenizer;
        }
    }

    private final String sha256;
    private final byte[] text;
    private final Facts facts;
    private final Map<Integer, Truncating> ofLengths = new HashMap<>();
    private int users;

    private SharedTokenizer(String sha256, byte[] text, Facts facts) {
        this.sha256 = sha256;
        this.text = text;
        this.facts = facts;
    }

    /** Opens the file of a model directory. Each user closes what it opened. */
    static SharedTokenizer open(Path modelDirectory) {
        Path file = modelDirectory.resolve(FILE);
        try {
            String sha256 = DurableFiles.sha256(file);
            SharedTokenizer shared = used(sha256);
            if (shared == null) {
                Facts facts = Facts.of(TokenizerJson.read(modelDirectory)); // within its limits
                shared = used(new SharedTokenizer(sha256, Files.readAllBytes(file), facts));
            }
            return shared;
        } catch (IOException e) {
            throw new ModelException(FILE + " cannot be read", e);
        }
    }

    private static synchronized @Nullable SharedTokenizer used(String sha256) {
        SharedTokenizer shared = OPEN.get(sha256);
        if (shared != null) {
            shared.users++;
        }
        return shared;
    }

    private static synchronized SharedTokenizer used(SharedTokenizer made) {
        SharedTokenizer shared = OPEN.computeIfAbsent(made.sha256, none -> made);
        shared.users++;
        return shared;
    }

    Facts facts() {
        return facts;
    }

    /**
     * Returns the native tokenizer that truncates to a length; with {@link Integer#MAX_VALUE} it does not truncate. Who takes it
     * gives it back.
     */
    synchronized HuggingFaceTokenizer take(int maxLength) {
        Truncating taken = ofLengths.computeIfAbsent(maxLength, length -> new Truncating(read(length)));
        taken.users++;
        return taken.tokenizer;
    }

    synchronized void giveBack(int maxLength) {
        Truncating taken = Objects.requireNonNull(ofLengths.get(maxLength));
        taken.users--;
        if (taken.users == 0) {
            ofLengths.remove(maxLength);
            taken.tokenizer.close();
        }
    }

    /** Returns how many native tokenizers there are. */
    static synchronized int count() {
        return OPEN.values().stream()
                .mapToInt(shared -> shared.ofLengths.size())
                .sum();
    }

    private HuggingFaceTokenizer read(int maxLength) {
        String length = String.valueOf(maxLength);
        Map<String, String> options = maxLength == Integer.MAX_VALUE
                ? Map.of("padding", "DO_NOT_PAD", "truncation", "DO_NOT_TRUNCATE")
                : Map.of(
                        "padding",
                        "DO_NOT_PAD",
                        "truncation",
                        "LONGEST_FIRST",
                        "maxLength",
                        length,
                        "modelMaxLength",
                        length);
        try {
            return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(text), options);
        } catch (IOException e) {
            throw new ModelException(FILE + " cannot be read", e);
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage()).replaceAll(" at line \\d+ column \\d+", "");
            throw new ModelException(FILE + " is not a valid tokenizer: " + reason, e);
        }
    }

    @Override
    public void close() {
        close(this);
    }

    private static synchronized void close(SharedTokenizer shared) {
        shared.users--;
        if (shared.users == 0) {
            OPEN.remove(shared.sha256, shared);
        }
    }
}
