package dev.anneal.transformer.generate;

import java.util.HashMap;
import java.util.Map;

/**
 * The places and the room in the caches that running texts take, by owner and by group. An owner has at most a share of both, and
 * so has a group, so that there is always room for others. Each may have one text of any length.
 */
final class Shares {
    private record Owner(String group, String name) {}

    /** The texts that run and the room that they have in the caches; and the last step that computed a prompt. */
    private static final class Use {
        private int texts;
        private int tokens;
        private long lastPrompt;

        void add(Sequence text, int sign) {
            texts += sign;
            tokens += sign * text.room();
        }

        boolean hasRoom(Sequence text, int mostTexts, int mostTokens) {
            return texts == 0 || texts < mostTexts && tokens + text.room() <= mostTokens;
        }
    }

    private final GenerationEngine.Limits limits;
    private final Map<Owner, Use> owners = new HashMap<>();
    private final Map<String, Use> groups = new HashMap<>();
    private final Use total = new Use();

    Shares(GenerationEngine.Limits limits) {
        this.limits = limits;
    }

    void add(Sequence text) {
        owner(text).add(text, 1);
        group(text).add(text, 1);
        total.add(text, 1);
    }

    void remove(Sequence text) {
        owner(text).add(text, -1);
        group(text).add(text, -1);
        total.add(text, -1);
        owners.values().removeIf(use -> use.texts == 0);
        groups.values().removeIf(use -> use.texts == 0);
    }

    private Use owner(Sequence text) {
        return owners.computeIfAbsent(new Owner(text.group(), text.owner()), owner -> new Use());
    }

    private Use group(Sequence text) {
        return groups.computeIfAbsent(text.group(), group -> new Use());
    }

    /** Returns whether another text may run. */
    boolean hasPlace() {
        return total.texts < limits.texts();
    }

    /** Returns whether there is room for a text in the caches. */
    boolean hasRoom(Sequence text) {
        return total.tokens + text.room() <= limits.cacheTokens();
    }

    /** Returns whether the owner of a text and its group may have another one. */
    boolean mayBegin(Sequence text) {
        return owner(text).hasRoom(text, limits.textsPerOwner(), limits.cacheTokensOf(limits.textsPerOwner()))
                && group(text).hasRoom(text, limits.textsPerGroup(), limits.cacheTokensOf(limits.textsPerGroup()));
    }

    /** Returns the last step that computed a prompt of the group of a text. */
    long lastPromptOfGroup(Sequence text) {
        return group(text).lastPrompt;
    }

    long lastPromptOfOwner(Sequence text) {
        return owner(text).lastPrompt;
    }

    /** Notes that a step computes a prompt. */
    void computesPrompt(Sequence text, long step) {
        owner(text).lastPrompt = step;
        group(text).lastPrompt = step;
    }
}
