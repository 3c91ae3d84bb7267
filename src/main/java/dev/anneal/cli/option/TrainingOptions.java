package dev.anneal.cli.option;

import dev.anneal.json.Json;
import java.util.Map;

/** The options that say how a model is trained. */
public final class TrainingOptions {
    /** The options that become fields of {@code hyperparameters}. */
    public static final Settings HYPERPARAMETERS = new Settings(
            new Setting("epochs", "N", Kind.whole(1, 1000).orAuto(), "Passes over the training rows, 1 to 1000."),
            new Setting("batch-size", "N", Kind.whole(1, 1024).orAuto(), "Examples per batch, 1 to 1024."),
            new Setting(
                    "gradient-accumulation-steps",
                    "N",
                    Kind.whole(1, 1024).orAuto(),
                    "Batches per optimizer step (auto: 1)."),
            new Setting("learning-rate", "X", Kind.number(1e-8, 1).orAuto(), "Peak learning rate, such as 5e-5."),
            new Setting(
                    "lr-scheduler-type",
                    "TYPE",
                    Kind.choice("linear", "cosine", "constant").orAuto(),
                    "Course of the learning rate after warmup: linear, cosine or constant (auto: linear)."),
            new Setting(
                    "layerwise-lr-decay",
                    "X",
                    Kind.number(0.01, 1).orAuto(),
                    "Factor of the learning rate from each layer to the one below (auto: 1)."),
            new Setting("weight-decay", "X", Kind.number(0, 1).orAuto(), "AdamW's weight decay (auto: 0.01)."),
            new Setting(
                    "warmup-ratio",
                    "X",
                    Kind.number(0, 0.99).orAuto(),
                    "Share of the steps in which the learning rate rises (auto: 0.1)."),
            new Setting(
                    "warmup-steps",
                    "N",
                    Kind.whole(0, 10_000_000).orAuto(),
                    "Warmup as a number of steps, in place of --warmup-ratio."),
            new Setting(
                    "max-grad-norm",
                    "X",
                    Kind.number(0, 1e6).orAuto(),
                    "Gradients are clipped to this norm; 0 turns clipping off (auto: 1)."),
            new Setting("dropout", "X", Kind.number(0, 0.9).orAuto(), "Dropout, 0 to 0.9."),
            new Setting("label-smoothing", "X", Kind.number(0, 0.9).orAuto(), "Label smoothing, 0 to 0.9 (auto: 0)."),
            new Setting(
                    "class-weights",
                    "LABEL=X,…",
                    Kind.pairs(Kind.number(0, 1e6)).or(Kind.choice("balanced", "auto")),
                    "Weights of labels, such as rare=3,common=0.5; or balanced (auto: none)."),
            new Setting(
                    "max-length", "N", Kind.whole(4, 1 << 20).orAuto(), "Tokens per text; longer texts are truncated."),
            new Setting(
                    "precision", "TYPE", Kind.choice("fp32", "bf16").orAuto(), "fp32 or bf16 (auto: the faster one)."),
            new Setting(
                    "seed",
                    "N",
                    Kind.whole(0, Integer.MAX_VALUE).orAuto(),
                    "Seed of all random numbers (auto: 42). The same seed gives the same model."));

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
