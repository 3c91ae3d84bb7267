package dev.anneal.cli.option;

import dev.anneal.cli.terminal.Units;
import dev.anneal.json.Json;
import dev.anneal.spec.Hyperparameter;
import dev.anneal.spec.Hyperparameters;
import java.util.Map;

/** The options that say how a model is trained. */
public final class TrainingOptions {
    /** The options that become fields of {@code hyperparameters}. */
    public static final RequestOptions HYPERPARAMETERS = new RequestOptions(
            Hyperparameters.ALL.stream().map(TrainingOptions::setting).toArray(RequestOption[]::new));

    /** The options that become fields of the request itself. */
    public static final RequestOptions JOB = new RequestOptions(
            new RequestOption(
                    "method",
                    "METHOD",
                    method(),
                    "What is trained: full, head, frozen, lora or few_shot; with settings: type=lora,r=16 (default: full)."),
            new RequestOption(
                    "subset",
                    "PART",
                    OptionType.pairs(Map.of(
                            "rows", OptionType.whole(1, Integer.MAX_VALUE), "fraction", OptionType.number(0, 1))),
                    "Train on a part of the training rows: rows=1000 or fraction=0.1 (default: all)."),
            new RequestOption(
                    "folds",
                    "N",
                    OptionType.whole(2, 20),
                    "Also train a model for each of N folds, to see how far the metrics vary and which labels are wrong (default: none)."),
            new RequestOption(
                    "data-curve",
                    "TYPE",
                    OptionType.flag(),
                    "Also train on 10, 25 and 50 % of the rows, to see whether more rows would help (true or false; default: false)."),
            new RequestOption(
                    "task-options",
                    "NAME=VALUE,…",
                    OptionType.pairs(Map.of(
                            "multi_label", OptionType.flag(),
                            "long_texts", OptionType.choice("truncate", "windows"),
                            "packing", OptionType.flag(),
                            "completions_only", OptionType.flag(),
                            "masking_probability", OptionType.number(0.01, 0.9),
                            "whole_words", OptionType.flag(),
                            "calibrate", OptionType.flag(),
                            "generated_answers", OptionType.whole(0, 500))),
                    "Options of the task: multi_label, long_texts, calibrate, packing, completions_only, generated_answers, masking_probability, whole_words."),
            new RequestOption(
                    "early-stopping",
                    "NAME=VALUE,…",
                    OptionType.pairs(Map.of(
                            "metric", OptionType.text(),
                            "patience", OptionType.whole(1, 100),
                            "min_delta", OptionType.number(0, 1e6))),
                    "Stop once a metric no longer improves: metric=loss,patience=2,min_delta=0 (default: off)."),
            new RequestOption(
                    "checkpoints",
                    "NAME=VALUE,…",
                    OptionType.pairs(Map.of(
                            "every_steps", OptionType.whole(1, Integer.MAX_VALUE),
                            "every_seconds", OptionType.number(0.1, 86_400),
                            "keep", OptionType.whole(1, 20))),
                    "When checkpoints are written and how many are kept (default: every_seconds=60,keep=2)."),
            new RequestOption(
                    "priority", "N", OptionType.whole(-100, 100), "-100 to 100; higher starts first (default: 0)."),
            new RequestOption(
                    "max-attempts",
                    "N",
                    OptionType.whole(1, 20),
                    "Attempts that may be lost in a row without a new checkpoint (default: 3)."),
            new RequestOption(
                    "metadata",
                    "NAME=VALUE,…",
                    OptionType.pairs(OptionType.text()),
                    "Labels of your own for the job."));

    private TrainingOptions() {}

    /** Returns the option for a hyperparameter, as it is declared. */
    private static RequestOption setting(Hyperparameter<?> declared) {
        String name = declared.name().replace('_', '-');
        if (declared.type() == Map.class) {
            OptionType weights = OptionType.pairs(OptionType.number(0, 1e6)).or(OptionType.choice("balanced", "auto"));
            return new RequestOption(name, "LABEL=X,…", weights, declared.description());
        }
        String sentence = declared.description().replaceFirst("\\.$", "");
        String auto = declared.auto() == null
                        || declared.rule() != null
                        || declared.auto().equals("auto")
                ? ""
                : "; auto: " + (declared.auto() instanceof Double number ? Units.number(number) : declared.auto());
        if (declared.type() == String.class) {
            String known = String.join(", ", declared.choices());
            OptionType choice =
                    OptionType.choice(declared.choices().toArray(String[]::new)).orAuto();
            return new RequestOption(name, "TYPE", choice, sentence + " (" + known + auto + ").");
        }
        if (declared.type() == Boolean.class) {
            return new RequestOption(
                    name, "TYPE", OptionType.flag().orAuto(), sentence + " (true, false, auto" + auto + ").");
        }
        String range = Units.number(declared.min()) + " to " + Units.number(declared.max());
        String description = sentence + " (" + range + auto + ").";
        return declared.type() == Integer.class
                ? new RequestOption(
                        name,
                        "N",
                        OptionType.whole((long) declared.min(), (long) declared.max())
                                .orAuto(),
                        description)
                : new RequestOption(
                        name,
                        "X",
                        OptionType.number(declared.min(), declared.max()).orAuto(),
                        description);
    }

    private static OptionType method() {
        OptionType type = OptionType.choice("full", "head", "frozen", "lora", "few_shot");
        OptionType settings = OptionType.pairs(Map.of(
                "type", type,
                "frozen_layers", OptionType.whole(0, 1000).orAuto(),
                "freeze_embeddings", OptionType.flag(),
                "r", OptionType.whole(1, 1024).orAuto(),
                "alpha", OptionType.number(1e-3, 1e5).orAuto(),
                "dropout", OptionType.number(0, 0.9).orAuto(),
                "target_modules", OptionType.list().orAuto()));
        return (option, value) -> value.contains("=") || value.startsWith("{")
                ? settings.read(option, value)
                : Json.MAPPER.createObjectNode().set("type", type.read(option, value));
    }
}
