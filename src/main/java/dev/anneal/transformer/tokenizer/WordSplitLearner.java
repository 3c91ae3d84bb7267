package dev.anneal.transformer.tokenizer;

import dev.anneal.transformer.tokenizer.WordParts.Kind;
import java.lang.Character.UnicodeScript;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds out how sentences that are given as words were split. The first pass over the sentences counts where characters stand
 * in words; {@link #rules} decides by majority. The second pass counts how often words that the rules would split occur whole
 * and in parts; {@link #split} keeps those that are mostly whole. A character that never occurs is treated as by default.
 */
public final class WordSplitLearner {
    private static final int MAX_CANDIDATES = 200_000;
    private static final int MAX_WORDS = 20_000;
    private static final int MAX_WORD_LENGTH = 100;
    /** These mostly stand at the end of a sentence, which says nothing of them inside a word. */
    private static final Set<Integer> ENDS_OF_SENTENCES = WordSplit.characters(".,;:!?");

    /** Scripts in which a run of unknown characters is rather one word than several. */
    private static final Set<UnicodeScript> RUNS = Set.of(
            UnicodeScript.KATAKANA, UnicodeScript.THAI, UnicodeScript.LAO, UnicodeScript.KHMER, UnicodeScript.MYANMAR);

    /** The number of words that have a character at a place. */
    private static final class Places {
        int inside;
        int insideNumbers;
        int before;
        int after;
        int alone;
    }

    /** The number of times that several parts are one word, and that they are several. */
    private static final class Count {
        int whole;
        int apart;
    }

    private final Map<Integer, Places> symbols = new HashMap<>();
    private final Map<UnicodeScript, Count> runs = new EnumMap<>(UnicodeScript.class);
    private final Map<String, Count> candidates = new HashMap<>();
    private WordSplit rules = WordSplit.DEFAULT;

    /** The first pass. */
    public void count(List<String> sentence) {
        sentence.forEach(this::count);
    }

    private void count(String word) {
        WordParts parts = WordParts.of(word);
        if (parts.size() == 0 || !parts.isOnePiece(0, parts.size()) || word.length() > MAX_WORD_LENGTH) {
            return;
        }
        countScript(parts);
        if (parts.size() == 1) {
            if (parts.get(0).kind() == Kind.SYMBOL) {
                places(parts, 0).alone++;
            }
            return;
        }
        if (parts.size() <= WordSplit.MAX_PARTS) {
            Count count = candidates.get(word);
            if (count == null && candidates.size() < MAX_CANDIDATES) {
                count = new Count();
                candidates.put(word, count);
            }
            if (count != null) {
                count.whole++;
            }
        }
        countSymbols(parts);
    }

    private void countSymbols(WordParts parts) {
        int first = 0;
        int last = parts.size() - 1;
        Set<Integer> seen = new HashSet<>();
        for (; first < last && parts.get(first).kind() == Kind.SYMBOL; first++) {
            if (seen.add(parts.symbol(first))) {
                places(parts, first).before++;
            }
        }
        seen.clear();
        for (; last > first && parts.get(last).kind() == Kind.SYMBOL; last--) {
            if (seen.add(parts.symbol(last))) {
                places(parts, last).after++;
            }
        }
        for (int i = first + 1; i < last; i++) {
            boolean single = parts.get(i).kind() == Kind.SYMBOL
                    && parts.get(i - 1).kind() == Kind.RUN
                    && parts.get(i + 1).kind() == Kind.RUN;
            if (single && parts.isBetweenDigits(i)) {
                places(parts, i).insideNumbers++;
            } else if (single) {
                places(parts, i).inside++;
            }
        }
    }

    private Places places(WordParts parts, int symbol) {
        return symbols.computeIfAbsent(parts.symbol(symbol), c -> new Places());
    }

    private void countScript(WordParts parts) {
        UnicodeScript script = parts.get(0).script();
        boolean same = parts.parts().stream().allMatch(part -> part.script() == script);
        if (same && RUNS.contains(script)) {
            Count count = runs.computeIfAbsent(script, s -> new Count());
            count.whole += parts.size() > 1 ? 1 : 0;
            count.apart += parts.size() > 1 ? 0 : 1;
        }
    }

    /** Ends the first pass. */
    public void rules() {
        Set<Integer> inside = new HashSet<>(WordSplit.DEFAULT.inside());
        Set<Integer> insideNumbers = new HashSet<>(WordSplit.DEFAULT.insideNumbers());
        Set<Integer> before = new HashSet<>(WordSplit.DEFAULT.before());
        Set<Integer> after = new HashSet<>(WordSplit.DEFAULT.after());
        symbols.forEach((c, at) -> {
            int split = ENDS_OF_SENTENCES.contains(c) ? 0 : at.alone + at.before + at.after;
            decide(inside, c, at.inside, split);
            decide(insideNumbers, c, at.insideNumbers, ENDS_OF_SENTENCES.contains(c) ? 0 : at.alone);
            decide(before, c, at.before, at.alone);
            decide(after, c, at.after, at.alone);
        });
        Set<UnicodeScript> scripts = runs.entrySet().stream()
                .filter(run -> run.getValue().whole > run.getValue().apart)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        rules = new WordSplit(inside, insideNumbers, before, after, Set.of(), scripts);
        candidates.keySet().removeIf(word -> rules.split(word).words().size() == 1);
    }

    private static void decide(Set<Integer> characters, int c, int whole, int apart) {
        if (whole > apart) {
            characters.add(c);
        } else if (apart > 0) {
            characters.remove(c);
        }
    }

    /** The second pass: counts how often a candidate occurs as several words. */
    public void countApart(List<String> sentence) {
        for (int from = 0; !candidates.isEmpty() && from < sentence.size(); from++) {
            StringBuilder joined = new StringBuilder(sentence.get(from));
            for (int to = from + 1; to < sentence.size() && to - from < WordSplit.MAX_PARTS; to++) {
                joined.append(sentence.get(to));
                if (joined.length() > MAX_WORD_LENGTH) {
                    break;
                }
                Count count = candidates.get(joined.toString());
                if (count != null) {
                    count.apart++;
                }
            }
        }
    }

    /** Returns the rules with the words that they would split, the most frequent ones if there are too many. */
    public WordSplit split() {
        Comparator<Map.Entry<String, Count>> byCount = Comparator.comparingInt(word -> -word.getValue().whole);
        Set<String> words = candidates.entrySet().stream()
                .filter(word -> word.getValue().whole > word.getValue().apart)
                .sorted(byCount.thenComparing(Map.Entry.comparingByKey()))
                .limit(MAX_WORDS)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        return new WordSplit(
                rules.inside(), rules.insideNumbers(), rules.before(), rules.after(), words, rules.scripts());
    }
}
