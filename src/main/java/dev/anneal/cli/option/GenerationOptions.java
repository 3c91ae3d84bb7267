package dev.anneal.cli.option;

/** The options that say how a text is generated. */
public final class GenerationOptions {
    public static final RequestOptions ALL = new RequestOptions(
            new RequestOption(
                    "max-new-tokens", "N", OptionType.whole(1, 4096), "Maximum length of the new text (default: 128)."),
            new RequestOption(
                    "temperature",
                    "X",
                    OptionType.number(0, 2),
                    "0 picks the most likely token each time; higher is more random (default: 1)."),
            new RequestOption(
                    "top-p", "X", OptionType.number(0, 1), "Draw from the likeliest tokens of this probability."),
            new RequestOption(
                    "top-k", "N", OptionType.whole(0, Integer.MAX_VALUE), "Draw from the N likeliest tokens."),
            new RequestOption("stop", "TEXT", OptionType.text(), "End before this text."),
            new RequestOption(
                    "seed", "N", OptionType.whole(0, Integer.MAX_VALUE), "The same seed gives the same text."),
            new RequestOption(
                    "logprobs",
                    "N",
                    OptionType.whole(0, 20),
                    "Show each token's log probability, and the N likeliest tokens in its place."));

    private GenerationOptions() {}
}
