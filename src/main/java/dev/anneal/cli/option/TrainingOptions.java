package dev.anneal.cli.option;

import dev.anneal.cli.terminal.Units;
import dev.anneal.json.Json;
import dev.anneal.spec.Hyperparameter;
import dev.anneal.spec.Hyperparameters;
import java.util.Map;

/** The options that say how a model is trained. */
public final class TrainingOptions {
    /** The options that become fields of {@code hyperparameters}. */
    public static final Settings HYPERPARAMETERS = new Settings(
            Hyperparameters.ALL.stream().map(TrainingOptions::setting).toArray(Setting[]::new));

    /** The options that become fields of the request itself. */
    public static final Settings JOB = new Settings(
            new Setting(
                    "method",
                    "METHOD",
                    method(),
                    "What is trained: full, head, frozen or lora; with settings: type=lora,r=16 (default: full)."),
            new Setting(
                    "subset",
                    "PART",
                    Kind.pairs(Map.of("rows", Kind.whole(1, Integer.MAX_VALUE), "fraction", Kind.number(0, 1))),
                    "Train on a part of the training rows: rows=1000 or fraction=0.1 (default: all)."),
            new Setting(
                    "task-options",
                    "NAME=VALUE,…",
                    Kind.pairs(Map.of(
                            "multi_label", Kind.flag(),
                            "packing", Kind.flag(),
                            "completions_only", Kind.flag(),
                            "masking_probability", Kind.number(0.01, 0.9),
                            "whole_words", Kind.flag())),
                    "Options of the task: multi_label, packing, completions_only, masking_probability, whole_words."),
            new Setting(
                    "early-stopping",
                    "NAME=VALUE,…",
                    Kind.pairs(Map.of(
                            "metric", Kind.text(),
                            "patience", Kind.whole(1, 100),
                            "min_delta", Kind.number(0, 1e6))),
                    "Stop once a metric no longer improves: metric=loss,patience=2,min_delta=0 (default: off)."),
            new Setting(
                    "checkpoints",
                    "NAME=VALUE,…",
                    Kind.pairs(Map.of(
                            "every_steps", Kind.whole(1, Integer.MAX_VALUE),
                            "every_seconds", Kind.number(0.1, 86_400),
                            "keep", Kind.whole(1, 20))),
                    "When checkpoints are written and how many are kept (default: every_seconds=60,keep=2)."),
            new Setting("priority", "N", Kind.whole(-100, 100), "-100 to 100; higher starts first (default: 0)."),
            new Setting(
                    "max-attempts",
                    "N",
                    Kind.whole(1, 20),
                    "Attempts that may be lost in a row without a new checkpoint (default: 3)."),
            new Setting("metadata", "NAME=VALUE,…", Kind.pairs(Kind.text()), "Labels of your own for the job."));

    private TrainingOptions() {}

    /** Returns the option for a hyperparameter, as it is declared. */
    private static Setting setting(Hyperparameter<?> declared) {
        String name = declared.name().replace('_', '-');
        if (declared.type() == Map.class) {
            Kind weights = Kind.pairs(Kind.number(0, 1e6)).or(Kind.choice("balanced", "auto"));
            return new Setting(name, "LABEL=X,…", weights, declared.description());
        }
        String sentence = declared.description().replaceFirst("\\.$", "");
        String auto = declared.auto() == null || declared.auto().equals("auto")
                ? ""
                : "; auto: " + (declared.auto() instanceof Double number ? Units.number(number) : declared.auto());
        if (declared.type() == String.class) {
            String known = String.join(", ", declared.choices());
            Kind choice = Kind.choice(declared.choices().toArray(String[]::new)).orAuto();
            return new Setting(name, "TYPE", choice, sentence + " (" + known + auto + ").");
        }
        String range = Units.number(declared.min()) + " to " + Units.number(declared.max());
        String description = sentence + " (" + range + auto + ").";
        return declared.type() == Integer.class
                ? new Setting(
                        name,
                        "N",
                        Kind.whole((long) declared.min(), (long) declared.max()).orAuto(),
                        description)
                : new Setting(
                        name, "X", Kind.number(declared.min(), declared.max()).orAuto(), description);
    }

    private static Kind method() {
        Kind type = Kind.choice("full", "head", "frozen", "lora");
        Kind settings = Kind.pairs(Map.of(
                "type", type,
                "frozen_layers", Kind.whole(0, 1000).orAuto(),
                "freeze_embeddings", Kind.flag(),
                "r", Kind.whole(1, 1024).orAuto(),
                "alpha", Kind.number(1e-3, 1e5).orAuto(),
                "dropout", Kind.number(0, 0.9).orAuto(),
                "target_modules", Kind.list().orAuto()));
        return (option, value) -> value.contains("=") || value.startsWith("{")
                ? settings.read(option, value)
                : Json.MAPPER.createObjectNode().set("type", type.read(option, value));
    }
}
