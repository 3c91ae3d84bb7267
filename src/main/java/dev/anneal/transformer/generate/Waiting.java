package dev.anneal.transformer.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The texts that wait, by group and owner. The groups take turns, and in each its owners, so that one with many texts does not
 * delay the others.
 */
final class Waiting {
    /** The group whose turn is next is the first, and in it the owner whose turn is next. */
    private final Map<String, Map<String, Deque<Sequence>>> groups = new LinkedHashMap<>();

    private int texts;
    private int promptTokens;

    boolean isEmpty() {
        return texts == 0;
    }

    int size() {
        return texts;
    }

    int promptTokens() {
        return promptTokens;
    }

    void add(Sequence text) {
        groups.computeIfAbsent(text.group(), group -> new LinkedHashMap<>())
                .computeIfAbsent(text.owner(), owner -> new ArrayDeque<>())
                .add(text);
        texts++;
        promptTokens += text.promptTokens();
    }

    /**
     * Returns the next text of the group and the owner whose turn it is, without removing it; null if nobody may begin a text.
     *
     * @param mayBegin whether the owner of a text may begin it now; if not, the next owner has the turn
     */
    @Nullable
    Sequence next(Predicate<Sequence> mayBegin) {
        return groups.values().stream()
                .flatMap(owners -> owners.values().stream())
                .map(Deque::element)
                .filter(mayBegin)
                .findFirst()
                .orElse(null);
    }

    /** Removes the first text of an owner. The next turns of the owner and of its group come after those of the others. */
    void begin(Sequence text) {
        Map<String, Deque<Sequence>> owners = Objects.requireNonNull(groups.remove(text.group()));
        Deque<Sequence> own = Objects.requireNonNull(owners.remove(text.owner()));
        remove(own.remove());
        if (!own.isEmpty()) {
            owners.put(text.owner(), own);
        }
        if (!owners.isEmpty()) {
            groups.put(text.group(), owners);
        }
    }

    List<Sequence> removeCancelled() {
        return removeIf(Sequence::isCancelled);
    }

    List<Sequence> removeAll() {
        return removeIf(text -> true);
    }

    private List<Sequence> removeIf(Predicate<Sequence> condition) {
        List<Sequence> removed = new ArrayList<>();
        for (Map<String, Deque<Sequence>> owners : groups.values()) {
            owners.values().forEach(own -> own.removeIf(text -> condition.test(text) && removed.add(text)));
            owners.values().removeIf(Deque::isEmpty);
        }
        groups.values().removeIf(Map::isEmpty);
        removed.forEach(this::remove);
        return removed;
    }

    private void remove(Sequence text) {
        texts--;
        promptTokens -= text.promptTokens();
    }
}
