package dev.anneal.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Texts that come token by token, with a tokenizer of Llama 2's kind: what is no letter is spelled in bytes. */
class TokenTextTest {
    @TempDir
    static Path directory;

    private Tokenizer tokenizer;
    private int[] prompt;

    @BeforeEach
    void makeTheTokenizer() throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{"id": %d, "content": "<s>", "single_word": false,
                   "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
                 "normalizer": {"type": "Sequence", "normalizers": [
                   {"type": "Prepend", "prepend": "▁"},
                   {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
                 "pre_tokenizer": null, "post_processor": null,
                 "decoder": {"type": "Sequence", "decoders": [
                   {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                   {"type": "ByteFallback"}, {"type": "Fuse"},
                   {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
                 "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
                   "vocab": %s, "merges": ["t i", "m e", "ti me"]}}""".formatted(vocabulary().get("<s>"), Json.write(vocabulary())));
        tokenizer = Tokenizer.load(directory, 512);
        prompt = tokenizer.encodeAll("once", false);
    }

    private static Map<String, Integer> vocabulary() {
        Map<String, Integer> vocabulary = new LinkedHashMap<>(Map.of("<unk>", 0));
        for (int value = 0; value < 256; value++) {
            vocabulary.put("<0x%02X>".formatted(value), vocabulary.size());
        }
        "▁abcdefghijklmnopqrstuvwxyz"
                .chars()
                .forEach(letter -> vocabulary.put(Character.toString(letter), vocabulary.size()));
        for (String merged : List.of("ti", "me", "time", "<s>")) {
            vocabulary.put(merged, vocabulary.size());
        }
        return vocabulary;
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void onlyWholeCharactersAreHandedOut() {
        String text = " ein Gruß 🙂 für dich, 世界 …";
        int[] ids = tokenizer.encodeAll(text, false);
        TokenText streamed = new TokenText(tokenizer, prompt, List.of());
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(streamed.add(id));
        }
        pieces.add(streamed.rest());

        assertThat(ids.length).isGreaterThan(text.length());
        assertThat(pieces).noneMatch(piece -> piece.contains("\uFFFD"));
        assertThat(pieces).noneMatch(piece -> !piece.isEmpty() && Character.isLowSurrogate(piece.charAt(0)));
        assertThat(pieces).contains("🙂", "世");
        assertThat(String.join("", pieces).strip()).isEqualTo(text.strip());
    }

    @Test
    void aCharacterOfWhichBytesAreMissingAtTheEndIsLeftOut() {
        int[] ids = tokenizer.encodeAll("ein 🙂", false);
        for (int missing = 1; missing <= 3; missing++) {
            TokenText cut = new TokenText(tokenizer, prompt, List.of());
            StringBuilder given = new StringBuilder();
            for (int i = 0; i < ids.length - missing; i++) {
                given.append(cut.add(ids[i]));
            }
            given.append(cut.rest());
            assertThat(given.toString()).as("%d bytes missing", missing).isEqualTo(" ein ");
        }
    }

    /** A tokenizer decodes all tokens since the last text with each token, so their number must not grow. */
    @Test
    @Timeout(60)
    void tokensWithoutTextAreDecodedOnlyAFewTimes() {
        int special = vocabulary().get("<s>");
        int incomplete = vocabulary().get("<0xF0>");
        for (int id : new int[] {special, incomplete}) {
            TokenText text = new TokenText(tokenizer, prompt, List.of());
            for (int i = 0; i < 40_000; i++) {
                text.add(id);
            }
            StringBuilder after = new StringBuilder(text.rest());
            for (int word : tokenizer.encodeAll("a time", false)) {
                after.append(text.add(word));
            }
            assertThat(after.toString()).endsWith(" a time");
        }
    }

    @Test
    void textThatMayBecomeAStopTextIsHeldBack() {
        TokenText text = new TokenText(tokenizer, prompt, List.of("time and", "xyz"));
        StringBuilder given = new StringBuilder();
        for (int id : tokenizer.encodeAll("a time of x", false)) {
            given.append(text.add(id));
            assertThat(given.toString()).doesNotEndWith("time");
        }
        assertThat(given.toString()).endsWith("time of ");
        assertThat(text.rest()).isEqualTo("x");
        assertThat(text.isStopped()).isFalse();
    }

    @Test
    void aStopTextIsNotHandedOut() {
        TokenText text = new TokenText(tokenizer, prompt, List.of("time and"));
        StringBuilder given = new StringBuilder();
        int[] ids = tokenizer.encodeAll("a time and", false);
        for (int id : ids) {
            assertThat(text.isStopped()).isFalse();
            given.append(text.add(id));
        }
        given.append(text.rest());

        assertThat(given.toString()).isEqualTo(" a ");
        assertThat(text.isStopped()).isTrue();
    }
}
