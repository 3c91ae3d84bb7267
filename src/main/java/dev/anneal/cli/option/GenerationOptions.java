package dev.anneal.cli.option;

/** The options that say how a text is generated. */
public final class GenerationOptions {
    public static final Settings ALL = new Settings(
            new Setting("max-new-tokens", "N", Kind.whole(1, 4096), "Maximum length of the new text (default: 128)."),
            new Setting(
                    "temperature",
                    "X",
                    Kind.number(0, 2),
                    "0 picks the most likely token each time; higher is more random (default: 1)."),
            new Setting("top-p", "X", Kind.number(0, 1), "Draw from the likeliest tokens of this probability."),
            new Setting("top-k", "N", Kind.whole(0, Integer.MAX_VALUE), "Draw from the N likeliest tokens."),
            new Setting("stop", "TEXT", Kind.text(), "End before this text."),
            new Setting("seed", "N", Kind.whole(0, Integer.MAX_VALUE), "The same seed gives the same text."));

    private GenerationOptions() {}
}
