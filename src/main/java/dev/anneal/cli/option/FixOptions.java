package dev.anneal.cli.option;

import java.util.LinkedHashMap;
import java.util.Map;

/** The options of steps that make a version of a dataset. */
public final class FixOptions {
    public static final RequestOptions ALL = new RequestOptions(
            new RequestOption(
                    "filter",
                    "CONDITION=VALUE,…",
                    OptionType.pairs(conditions()),
                    "Keep only rows that meet all conditions, for example labels=sport+news,min_characters=20. Conditions: "
                            + String.join(", ", conditions().keySet()) + "."),
            new RequestOption(
                    "redact-kinds",
                    "KIND+…",
                    OptionType.list(),
                    "Redact only these kinds of personal data: email, phone, card and iban, with + between them."),
            new RequestOption(
                    "similarity",
                    "N",
                    OptionType.number(0.5, 1),
                    "With --drop-near-duplicates or --remove-leakage: the similarity from which texts are almost the same"
                            + " (default: 0.8)."),
            new RequestOption(
                    "leakage-from",
                    "SIDE",
                    OptionType.choice("train", "evaluation"),
                    "With --remove-leakage: remove rows from train, or from evaluation, which are those for validation and test"
                            + " (default: train)."),
            new RequestOption(
                    "merge-labels",
                    "OLD=NEW,…",
                    OptionType.pairs(OptionType.text()),
                    "Give labels new names. Several may get the same one."),
            new RequestOption(
                    "drop-labels",
                    "LABEL+…",
                    OptionType.list(),
                    "Remove rows with these labels, which have + between them, or are a JSON list: '[\"R+D\",\"C++\"]'."),
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

    private static Map<String, OptionType> conditions() {
        Map<String, OptionType> conditions = new LinkedHashMap<>();
        conditions.put("labels", OptionType.list());
        conditions.put("splits", OptionType.list());
        conditions.put("contains", OptionType.text());
        conditions.put("lacks", OptionType.text());
        conditions.put("min_characters", OptionType.whole(0, Integer.MAX_VALUE));
        conditions.put("max_characters", OptionType.whole(0, Integer.MAX_VALUE));
        return conditions;
    }
}
