package dev.anneal.settings;

import java.util.List;

/** Thrown when settings are given that do not exist. The message names each and the nearest one. */
public final class UnknownSettingException extends IllegalArgumentException {
    private final List<String> sentences;

    UnknownSettingException(List<String> sentences) {
        super(String.join("\n", sentences) + "\nSee docs/configuration.md for all settings.");
        this.sentences = List.copyOf(sentences);
    }

    /** Returns a sentence for each of the settings. */
    List<String> sentences() {
        return sentences;
    }
}
