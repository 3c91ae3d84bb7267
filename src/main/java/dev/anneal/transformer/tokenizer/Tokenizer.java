package dev.anneal.transformer.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntPredicate;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The tokenizer of a model directory. It truncates texts and never pads. Safe for use by many threads. */
public final class Tokenizer implements AutoCloseable {

    /** A part of a long text; {@code words} has the number of the word of each token, -1 for special tokens. */
    public record Piece(Encoded text, int[] words) {}

    /** Tokens with the range of characters of each. */
    public record Spans(int[] ids, int[] from, int[] to) {}

    private static final TokenizersLibrary LIB = TokenizersLibrary.LIB;

    private final SharedTokenizer shared;
    private final HuggingFaceTokenizer tokenizer;
    private final SpecialTokens special;
    private final int maxLength;
    /** Takes the place of each token in its text; null if nobody asks for it. */
    private final @Nullable TokenTrace trace;

    private final AtomicBoolean isClosed = new AtomicBoolean();
    /** The same tokenizer without truncation; null until it is needed. */
    private volatile @Nullable HuggingFaceTokenizer whole;

    private Tokenizer(SharedTokenizer shared, SpecialTokens special, int maxLength, @Nullable TokenTrace trace) {
        this.shared = shared;
        this.tokenizer = shared.take(maxLength);
        this.special = special;
        this.maxLength = maxLength;
        this.trace = trace;
        if (trace != null) {
            trace.keep(beginToken());
            trace.keep(endToken());
        }
    }

    /** Loads the native library. */
    public static void loadLibrary() {
        LibUtils.checkStatus();
    }

    /** Loads a tokenizer that truncates to a length in tokens, special ones included; of a pair, the longer text first. */
    public static Tokenizer load(Path modelDirectory, int maxLength) {
        return load(modelDirectory, maxLength, null);
    }

    /**
     * Loads a tokenizer that gives each token of a text its own number, by which the trace knows the token and its place in
     * the text. So it is known where the tokens of an example come from, whatever became of them.
     */
    public static Tokenizer traced(Path modelDirectory, int maxLength, TokenTrace trace) {
        return load(modelDirectory, maxLength, trace);
    }

    private static Tokenizer load(Path modelDirectory, int maxLength, @Nullable TokenTrace trace) {
        SharedTokenizer shared = SharedTokenizer.open(modelDirectory);
        try {
            return new Tokenizer(shared, SpecialTokens.of(modelDirectory), maxLength, trace);
        } catch (RuntimeException e) {
            shared.close();
            throw e;
        }
    }

    private synchronized HuggingFaceTokenizer whole() {
        HuggingFaceTokenizer made = whole;
        if (made == null) {
            made = shared.take(Integer.MAX_VALUE);
            whole = made;
        }
        return made;
    }

    /** Returns the tokens of a text, or of a pair if the second text is not null. */
    public Encoded encode(String text, @Nullable String textPair) {
        return read(
                encoding(tokenizer, text, textPair),
                encoding -> new Encoded(
                        ids(encoding, textPair == null ? List.of(text) : List.of(text, textPair)),
                        types(LIB.getTypeIds(encoding))));
    }

    /** Returns the tokens of an encoding of these texts, as numbers of the trace if there is one. */
    private int[] ids(long encoding, List<String> texts) {
        int[] ids = ints(LIB.getTokenIds(encoding));
        if (trace == null) {
            return ids;
        }
        trace.requireRoom(ids.length);
        return trace.mark(
                ids,
                LIB.getTokens(encoding),
                LIB.getTokenCharSpans(encoding),
                LIB.getSpecialTokenMask(encoding),
                texts.size() == 1 ? new long[ids.length] : LIB.getSequenceIds(encoding),
                texts,
                0);
    }

    /** Returns the tokens of an encoding of words, as numbers of the trace if there is one. */
    private int[] idsOfWords(long encoding, List<String> words) {
        int[] ids = ints(LIB.getTokenIds(encoding));
        if (trace == null) {
            return ids;
        }
        trace.requireRoom(ids.length);
        return trace.mark(
                ids,
                LIB.getTokens(encoding),
                LIB.getTokenCharSpans(encoding),
                LIB.getSpecialTokenMask(encoding),
                LIB.getWordIds(encoding),
                words,
                shared.facts().isByteLevel() ? 1 : 0);
    }

    /** Returns the number of tokens of a text, or of a pair, that {@link #encode} left out. */
    public int leftOut(Encoded encoded, String text, @Nullable String textPair) {
        if (encoded.length() < maxLength) {
            return 0;
        }
        return read(encoding(whole(), text, textPair), encoding -> LIB.getTokenIds(encoding).length) - encoded.length();
    }

    private static long encoding(HuggingFaceTokenizer tokenizer, String text, @Nullable String textPair) {
        return textPair == null
                ? LIB.encode(tokenizer.getHandle(), wellFormed(text), true)
                : LIB.encodeDual(tokenizer.getHandle(), wellFormed(text), wellFormed(textPair), true);
    }

    /**
     * Reads only what is needed of an encoding, and frees it. DJL's own class copies all of it, the text of each token included,
     * which takes longer than tokenizing a short text.
     */
    private static <T> T read(long encoding, LongFunction<T> reader) {
        try {
            return reader.apply(encoding);
        } finally {
            LIB.deleteEncoding(encoding);
        }
    }

    /** Returns the windows of a text, one if it is short enough. */
    public List<Encoded> encodeWindows(String text) {
        return read(encoding(whole(), text, null), encoding -> {
            long[] special = LIB.getSpecialTokenMask(encoding);
            return windows(ids(encoding, List.of(text)), i -> special[i] == 1).texts();
        });
    }

    /** Returns the windows of a sentence given as words, one if it is short enough. */
    public List<Words> encodeWords(List<String> words) {
        String[] given = words.toArray(String[]::new);
        for (int i = 0; shared.facts().isByteLevel() && i < given.length; i++) {
            given[i] = " " + given[i];
        }
        for (int i = 0; i < given.length; i++) {
            given[i] = wellFormed(given[i]);
        }
        return read(
                LIB.encodeList(whole().getHandle(), given, true),
                encoding -> words(idsOfWords(encoding, words), ints(LIB.getWordIds(encoding)), new int[words.size()]));
    }

    private List<Words> words(int[] ids, int[] wordIds, int[] firstTokens) {
        Arrays.fill(firstTokens, -1);
        for (int token = wordIds.length - 1; token >= 0; token--) {
            if (wordIds[token] >= 0) {
                firstTokens[wordIds[token]] = token;
            }
        }
        return windows(ids, i -> wordIds[i] < 0).words(wordIds, firstTokens);
    }

    private Windows windows(int[] ids, IntPredicate isSpecial) {
        int before = 0;
        while (before < ids.length && isSpecial.test(before)) {
            before++;
        }
        int after = 0;
        while (before + after < ids.length && isSpecial.test(ids.length - 1 - after)) {
            after++;
        }
        return new Windows(ids, before, after, maxLength);
    }

    /** Returns all tokens of a text, without truncation. */
    public int[] encodeAll(String text, boolean withSpecialTokens) {
        return read(
                LIB.encode(whole().getHandle(), wellFormed(text), withSpecialTokens),
                encoding -> ids(encoding, List.of(text)));
    }

    /** Returns all tokens of a text that contains its special tokens, each with its characters. */
    public Spans encodeSpans(String text) {
        return read(
                LIB.encode(whole().getHandle(), wellFormed(text), false),
                encoding -> spans(text, ids(encoding, List.of(text)), LIB.getTokenCharSpans(encoding)));
    }

    private static Spans spans(String text, int[] ids, CharSpan[] spans) {
        int[] places = characterOfCodePoint(text);
        int[] from = new int[spans.length];
        int[] to = new int[spans.length];
        for (int i = 0; i < spans.length; i++) {
            from[i] = spans[i] == null ? 0 : places[spans[i].getStart()];
            to[i] = spans[i] == null ? 0 : places[spans[i].getEnd()];
        }
        return new Spans(ids, from, to);
    }

    /** Replaces halves of surrogate pairs, which the tokenizer would count as several characters. */
    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) { // otherwise, as in most texts, there are no pairs at all
                return text.codePoints()
                        .map(c -> isHalf(c) ? '\uFFFD' : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
            }
        }
        return text;
    }

    private static boolean isHalf(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    /** The tokenizer counts code points; in Java, some of them (emoji, for example) are two characters. */
    private static int[] characterOfCodePoint(String text) {
        int[] places = new int[text.codePointCount(0, text.length()) + 1];
        int at = 0;
        for (int i = 0; i < places.length; i++) {
            places[i] = at;
            at += at < text.length() ? Character.charCount(text.codePointAt(at)) : 0;
        }
        return places;
    }

    /** Splits a text of any length into parts of at most that many tokens, each with its special tokens. */
    public List<Piece> pieces(String text, int maxLength) {
        int[] around = plain("", true);
        int before = around.length == 0 ? 0 : 1;
        int[][] tokens = read(LIB.encode(whole().getHandle(), wellFormed(text), false), encoding ->
                new int[][] {ids(encoding, List.of(text)), ints(LIB.getWordIds(encoding))});
        int[] ids = tokens[0];
        int[] words = tokens[1];
        int room = maxLength - around.length;
        List<Piece> pieces = new ArrayList<>();
        for (int from = 0; from < ids.length; from += room) {
            int count = Math.min(room, ids.length - from);
            int[] pieceIds = new int[count + around.length];
            int[] pieceWords = new int[pieceIds.length];
            Arrays.fill(pieceWords, -1);
            System.arraycopy(around, 0, pieceIds, 0, before);
            System.arraycopy(ids, from, pieceIds, before, count);
            System.arraycopy(words, from, pieceWords, before, count);
            System.arraycopy(around, before, pieceIds, before + count, around.length - before);
            pieces.add(new Piece(new Encoded(pieceIds, null), pieceWords));
        }
        return pieces;
    }

    /** The largest token number of the vocabulary, without added tokens, which may be unused. */
    public int largestToken() {
        return shared.facts().largest();
    }

    /** The mask token; null if there is none. */
    public @Nullable Integer maskToken() {
        return id(special.mask());
    }

    /** The begin token; null if there is none. */
    public @Nullable Integer beginToken() {
        return id(special.begin());
    }

    /** The end token; null if there is none. */
    public @Nullable Integer endToken() {
        return id(special.end());
    }

    private @Nullable Integer id(@Nullable String token) {
        int[] ids = token == null ? new int[0] : plain(token, false);
        return ids.length == 1 ? ids[0] : null;
    }

    /** Returns tokens that are not traced. */
    private int[] plain(String text, boolean withSpecialTokens) {
        return read(
                LIB.encode(whole().getHandle(), text, withSpecialTokens), encoding -> ints(LIB.getTokenIds(encoding)));
    }

    /** Returns the token that stands for characters which the vocabulary lacks; null if there is none. */
    public @Nullable Integer unknownToken() {
        return shared.facts().unknown();
    }

    /** Returns whether a token stands for no text, such as the one at the start of each text. */
    public boolean isSpecial(int id) {
        return shared.facts().specialIds().contains(id);
    }

    /** Returns the text of one token, which may be special. */
    public String token(int id) {
        return whole().decode(new long[] {id}, false);
    }

    /** Returns the text of tokens, without special ones. */
    public String decode(int[] ids) {
        return whole().decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    private static int[] ints(long[] numbers) {
        int[] ints = new int[numbers.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) numbers[i];
        }
        return ints;
    }

    private static byte @Nullable [] types(long[] typeIds) {
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
        if (isClosed.compareAndSet(false, true)) {
            shared.giveBack(maxLength);
            if (whole != null) {
                shared.giveBack(Integer.MAX_VALUE);
            }
            shared.close();
        }
    }
}
