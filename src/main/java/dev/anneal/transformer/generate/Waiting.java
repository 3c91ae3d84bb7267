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

/** The texts that wait, by owner. The owners take turns, so that one with many texts does not delay the others. */
final class Waiting {
    /** The owner whose turn is next is the first. */
    private final Map<String, Deque<Sequence>> owners = new LinkedHashMap<>();

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
        owners.computeIfAbsent(text.owner(), owner -> new ArrayDeque<>()).add(text);
        texts++;
        promptTokens += text.promptTokens();
    }

    /**
     * Returns the next text of the owner whose turn it is, without removing it; null if no owner may begin a text.
     *
     * @param mayBegin whether the owner of a text may begin it now; if not, the next owner has the turn
     */
    @Nullable
    Sequence next(Predicate<Sequence> mayBegin) {
        return owners.values().stream()
                .map(Deque::element)
                .filter(mayBegin)
                .findFirst()
                .orElse(null);
    }

    /** Removes the first text of an owner, whose next turn comes after that of the others. */
    void begin(Sequence text) {
        Deque<Sequence> own = Objects.requireNonNull(owners.remove(text.owner()));
        remove(own.remove());
        if (!own.isEmpty()) {
            owners.put(text.owner(), own);
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
        owners.values().forEach(own -> own.removeIf(text -> condition.test(text) && removed.add(text)));
        owners.values().removeIf(Deque::isEmpty);
        removed.forEach(this::remove);
        return removed;
    }

    private void remove(Sequence text) {
        texts--;
        promptTokens -= text.promptTokens();
    }
}
