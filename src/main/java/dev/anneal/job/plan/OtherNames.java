package dev.anneal.job.plan;

import dev.anneal.spec.Hyperparameter;
import dev.anneal.spec.Hyperparameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The fields of a job by the names that OpenAI, transformers, PEFT and TRL give them, and by their names in another object. */
final class OtherNames {
    static final Map<String, String> OF_A_JOB = ofAJob();

    private OtherNames() {}

    private static Map<String, String> ofAJob() {
        Map<String, String> names = new HashMap<>();
        within("subset", names, "rows", "fraction");
        within("early_stopping", names, "metric", "patience", "min_delta");
        within("checkpoints", names, "every_steps", "every_seconds", "keep");
        within(
                "task_options",
                names,
                "multi_label",
                "long_texts",
                "packing",
                "completions_only",
                "masking_probability",
                "whole_words");
        within("method", names, "type", "frozen_layers", "freeze_embeddings", "r", "alpha", "target_modules");
        for (Hyperparameter<?> each : Hyperparameters.ALL) {
            within("hyperparameters", names, each.name());
        }
        for (String field : List.of(
                "name",
                "task",
                "base_model",
                "dataset",
                "validation_dataset",
                "test_dataset",
                "retain_dataset",
                "replay",
                "subset",
                "method",
                "early_stopping",
                "max_attempts",
                "checkpoints",
                "metadata",
                "priority")) {
            names.put(field, field);
        }

        same(
                names,
                "base_model",
                "model",
                "model_id",
                "model_name",
                "model_name_or_path",
                "pretrained_model_name_or_path");
        same(
                names,
                "dataset",
                "training_file",
                "train_file",
                "train_dataset",
                "training_dataset",
                "dataset_id",
                "data");
        same(names, "validation_dataset", "validation_file", "eval_file", "eval_dataset", "dev_dataset");
        same(names, "test_dataset", "test_file");
        same(names, "replay", "replay_dataset", "replay_buffer", "rehearsal");
        same(names, "name", "suffix", "run_name", "title");
        same(names, "task", "task_type", "problem_type");
        same(names, "method", "peft", "peft_config", "lora", "lora_config");
        same(names, "subset", "max_train_samples", "max_samples");

        same(names, "hyperparameters.epochs", "n_epochs", "num_epochs", "num_train_epochs", "max_epochs");
        same(
                names,
                "hyperparameters.batch_size",
                "per_device_train_batch_size",
                "per_gpu_train_batch_size",
                "train_batch_size",
                "micro_batch_size",
                "batch");
        same(
                names,
                "hyperparameters.gradient_accumulation_steps",
                "gradient_accumulation",
                "grad_accum",
                "grad_accumulation_steps");
        same(names, "hyperparameters.learning_rate", "lr", "learning_rate_multiplier");
        same(names, "hyperparameters.lr_scheduler_type", "lr_scheduler", "scheduler", "lr_schedule");
        same(
                names,
                "hyperparameters.max_length",
                "max_seq_length",
                "max_seq_len",
                "block_size",
                "cutoff_len",
                "sequence_len");
        same(names, "hyperparameters.precision", "bf16", "fp16", "torch_dtype", "dtype", "mixed_precision");
        same(names, "hyperparameters.label_smoothing", "label_smoothing_factor");
        same(names, "hyperparameters.max_grad_norm", "gradient_clipping", "max_norm", "clip_grad_norm");
        same(names, "hyperparameters.warmup_ratio", "warmup");
        same(names, "hyperparameters.seed", "data_seed", "random_seed", "random_state");
        same(names, "hyperparameters.layerwise_lr_decay", "llrd", "layer_decay");
        same(names, "hyperparameters.eval_steps", "eval_interval");
        same(names, "hyperparameters.l2_to_base", "l2_sp", "l2_to_init");
        same(names, "hyperparameters.unfreeze_rank_ratio", "osft", "osft_unfreeze_rank_ratio");

        same(names, "method.r", "lora_r", "lora_rank", "rank");
        same(names, "method.alpha", "lora_alpha");
        same(names, "method.dropout", "lora_dropout");
        same(names, "method.target_modules", "lora_target_modules", "lora_target", "target_module");
        same(names, "task_options.completions_only", "train_on_inputs", "completion_only_loss", "assistant_only_loss");
        same(names, "task_options.masking_probability", "mlm_probability");
        same(names, "early_stopping.metric", "metric_for_best_model");
        same(names, "early_stopping.patience", "early_stopping_patience");
        same(names, "early_stopping.min_delta", "early_stopping_threshold");
        same(names, "checkpoints.every_steps", "save_steps", "checkpoint_steps");
        same(names, "checkpoints.keep", "save_total_limit");
        return Map.copyOf(names);
    }

    private static void within(String object, Map<String, String> names, String... fields) {
        for (String field : fields) {
            names.put(field, object + "." + field);
        }
    }

    private static void same(Map<String, String> names, String field, String... others) {
        for (String other : others) {
            names.put(other, field);
        }
    }
}
