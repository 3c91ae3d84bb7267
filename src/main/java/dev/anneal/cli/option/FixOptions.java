package dev.anneal.cli.option;

/** The options of steps that make a version of a dataset. */
public final class FixOptions {
    public static final RequestOptions ALL = new RequestOptions(
            new RequestOption(
                    "merge-labels",
                    "OLD=NEW,…",
                    OptionType.pairs(OptionType.text()),
                    "Give labels new names. Several may get the same one."),
            new RequestOption(
                    "drop-labels",
                    "LABEL+…",
                    OptionType.list(),
                    "Remove rows with these labels, which have + between them."),
            new RequestOption(
                    "resplit",
                    "PART=SHARE,…",
                    OptionType.pairs(UploadOptions.split()),
                    "Draw the splits again, for example validation=0.1,test=0.1, or method=k_fold,folds=5,fold=1. The pairs are"
                            + " those of --split of an upload."),
            new RequestOption(
                    "sample",
                    "N",
                    OptionType.whole(1, Integer.MAX_VALUE),
                    "Keep so many rows, drawn at random, each label in proportion."));

    private FixOptions() {}
}
