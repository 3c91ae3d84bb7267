package dev.anneal.transformer.tokenizer;

import dev.anneal.json.Json;
import dev.anneal.transformer.format.HuggingFaceFiles;
import dev.anneal.transformer.format.ModelException;
import dev.anneal.transformer.tokenizer.WordParts.Kind;
import java.io.IOException;
import java.lang.Character.UnicodeScript;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The rules by which a text is split into words. A model that tags words keeps those of its training data ({@link
 * WordSplitLearner}), so that it sees such words again; other models get {@link #DEFAULT}. Letters and digits that follow each other are one word. In
 * scripts without spaces each character is a word. Every other character is a word, except where a rule says otherwise.
 *
 * @param inside the characters that may stand inside a word, between letters
 * @param insideNumbers those that may stand between digits
 * @param before those that belong to the word after them
 * @param after those that belong to the word before them
 * @param words the words that these rules would split
 * @param scripts the scripts without spaces in which a run of unknown characters is a word
 */
public record WordSplit(
        Set<Integer> inside,
        Set<Integer> insideNumbers,
        Set<Integer> before,
        Set<Integer> after,
        Set<String> words,
        Set<UnicodeScript> scripts) {
    /** The file of a model directory. */
    public static final String FILE = "word_split.json";

    /** The most parts of a word that is known by its letters. */
    static final int MAX_PARTS = 12;

    private static final Pattern ADDRESS = Pattern.compile("https?://\\S*[^\\s.,;:!?)\\]}'\"»”’。、，）」]");

    /** Splits as corpora of tagged words do. */
    public static final WordSplit DEFAULT = new WordSplit(
            characters("-'’.&+@"), characters("-'’.,&+@"), characters("@#"), characters("+#"), Set.of(), Set.of());

    public TextWords split(String text) {
        WordParts parts = WordParts.of(text);
        Matcher address = ADDRESS.matcher(text);
        List<String> found = new ArrayList<>();
        List<Integer> starts = new ArrayList<>();
        for (int from = 0; from < parts.size(); ) {
            int start = parts.get(from).start();
            int to;
            if (text.startsWith("http", start)
                    && address.region(start, text.length()).lookingAt()) {
                to = from + 1;
                while (to < parts.size() && parts.get(to).end() <= address.end()) {
                    to++;
                }
            } else {
                to = end(parts, from);
            }
            found.add(parts.text(from, to));
            starts.add(start);
            from = to;
        }
        return new TextWords(found, starts.stream().mapToInt(i -> i).toArray());
    }

    /** Returns the part after the last part of a word. */
    private int end(WordParts parts, int from) {
        int known = known(parts, from);
        if (known > from) {
            return known;
        }
        return switch (parts.get(from).kind()) {
            case UNSPACED -> endOfRunOfScript(parts, from);
            case RUN -> endOfWord(parts, from);
            case SYMBOL -> {
                int run = from;
                while (parts.get(run).kind() == Kind.SYMBOL
                        && before.contains(parts.symbol(run))
                        && (parts.touches(run + 1, Kind.SYMBOL) || parts.touches(run + 1, Kind.RUN))) {
                    run++;
                }
                yield parts.get(run).kind() == Kind.RUN ? endOfWord(parts, run) : from + 1;
            }
        };
    }

    /** Returns the end of the longest known word of several parts; {@code from} if there is none. */
    private int known(WordParts parts, int from) {
        int to = from + 1;
        while (!words.isEmpty()
                && to < parts.size()
                && to - from < MAX_PARTS
                && parts.get(to).touches()) {
            to++;
        }
        while (to > from + 1 && !words.contains(parts.text(from, to))) {
            to--;
        }
        return to > from + 1 ? to : from;
    }

    private int endOfRunOfScript(WordParts parts, int from) {
        UnicodeScript script = parts.get(from).script();
        int to = from + 1;
        while (scripts.contains(script)
                && parts.touches(to, Kind.UNSPACED)
                && parts.get(to).script() == script
                && known(parts, to) == to) {
            to++;
        }
        return to;
    }

    private int endOfWord(WordParts parts, int run) {
        int to = run + 1;
        while (parts.touches(to, Kind.SYMBOL)
                && parts.touches(to + 1, Kind.RUN)
                && (parts.isBetweenDigits(to) ? insideNumbers : inside).contains(parts.symbol(to))) {
            to += 2;
        }
        while (parts.touches(to, Kind.SYMBOL) && after.contains(parts.symbol(to))) {
            to++;
        }
        return to;
    }

    /** Reads the file of a model directory; returns the default if there is none. */
    public static WordSplit read(Path directory) {
        JsonNode file = HuggingFaceFiles.read(directory.resolve(FILE));
        if (file.isMissingNode()) {
            return DEFAULT;
        }
        if (!file.isObject()) {
            throw new ModelException(
                    FILE + " is not a JSON object. Take it from a download of the model, or remove it.");
        }
        Set<UnicodeScript> scripts = EnumSet.noneOf(UnicodeScript.class);
        for (UnicodeScript script : UnicodeScript.values()) {
            if (file.path("scripts")
                    .valueStream()
                    .anyMatch(name -> name.asString("").equals(script.name()))) {
                scripts.add(script);
            }
        }
        return new WordSplit(
                characters(file.path("inside").asString("")),
                characters(file.path("inside_numbers").asString("")),
                characters(file.path("before").asString("")),
                characters(file.path("after").asString("")),
                file.path("words").valueStream().map(word -> word.asString("")).collect(Collectors.toSet()),
                scripts);
    }

    public void write(Path directory) throws IOException {
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("inside", text(inside));
        file.put("inside_numbers", text(insideNumbers));
        file.put("before", text(before));
        file.put("after", text(after));
        file.put("scripts", new TreeSet<>(scripts));
        file.put("words", new TreeSet<>(words));
        Files.writeString(directory.resolve(FILE), Json.write(file) + "\n");
    }

    static Set<Integer> characters(String text) {
        return Set.copyOf(text.codePoints().boxed().toList());
    }

    private static String text(Set<Integer> characters) {
        StringBuilder text = new StringBuilder();
        new TreeSet<>(characters).forEach(text::appendCodePoint);
        return text.toString();
    }
}
