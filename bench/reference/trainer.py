"""One fine-tuning job with the Trainer of transformers: its defaults, dynamic padding, two threads.

    python trainer.py --task text-classification --model directory --train train.jsonl --test test.jsonl

Prints one line of JSON. The speed is that of training alone, without the first five steps.
"""

import argparse
import inspect
import json
import math
import os
import resource
import tempfile
import time


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", required=True, choices=["text-classification", "token-classification", "causal-lm"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--method", default="full", help="full, lora, head or frozen:N (the embeddings and N layers)")
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--max-steps", type=int, default=-1)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--warmup-ratio", type=float, default=0.1)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--max-grad-norm", type=float, default=1.0)
    parser.add_argument("--dropout", type=float, help="every dropout of the configuration; by default as the model has it")
    parser.add_argument("--attention-dropout", type=float, help="that of attention's weights; by default as --dropout or the model has it")
    parser.add_argument("--max-length", type=int, default=128)
    parser.add_argument("--group-by-length", action="store_true")
    parser.add_argument("--packing", action="store_true", help="causal-lm: texts joined and cut into blocks, as run_clm.py does")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--lora-r", type=int, default=8)
    parser.add_argument("--lora-alpha", type=int, default=16)
    parser.add_argument("--lora-dropout", type=float, default=0.0)
    parser.add_argument("--target-modules", help="separated by commas; by default what peft takes for the model type")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


OPTIONS = options()
# Before torch is there.
os.environ.setdefault("OMP_NUM_THREADS", str(OPTIONS.threads))
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import accelerate  # noqa: E402
import numpy as np  # noqa: E402
import peft  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import (  # noqa: E402
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

WARM_UP = 5
# What the libraries alone take.
IMPORTED = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
IGNORED = -100


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


# Rows to token ids.


def classified(rows, labels, tokenizer):
    numbers = {label: number for number, label in enumerate(labels)}
    for row in rows:
        text = (row["text"], row["text_pair"]) if row.get("text_pair") is not None else (row["text"],)
        encoding = tokenizer(*text, truncation=True, max_length=OPTIONS.max_length)
        yield {**encoding, "labels": numbers[str(row["label"])]}


def tagged(rows, labels, tokenizer):
    """The tag of a word is learned at its first token."""
    numbers = {label: number for number, label in enumerate(labels)}
    for row in rows:
        encoding = tokenizer(row["tokens"], is_split_into_words=True, truncation=True, max_length=OPTIONS.max_length)
        words, tags, before = encoding.word_ids(), [], None
        for word in words:
            tags.append(IGNORED if word is None or word == before else numbers[row["tags"][word]])
            before = word
        yield {**encoding, "labels": tags}


def continued(rows, tokenizer):
    """A text is learned whole, of a prompt and a chat only what is to be answered."""
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    for row in rows:
        if "text" in row:
            ids = tokenizer(row["text"])["input_ids"] + end
            labels = list(ids)
        elif "prompt" in row:
            prompt = tokenizer(row["prompt"])["input_ids"]
            completion = tokenizer(row["completion"], add_special_tokens=False)["input_ids"] + end
            ids, labels = prompt + completion, [IGNORED] * len(prompt) + completion
        else:
            ids, labels = chat(row["messages"], tokenizer)
        ids, labels = ids[: OPTIONS.max_length], labels[: OPTIONS.max_length]
        yield {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels}


def chat(messages, tokenizer):
    def ids_of(count, ask):
        return tokenizer.apply_chat_template(messages[:count], tokenize=True, add_generation_prompt=ask, return_dict=False)

    ids, labels = [], []
    for at, message in enumerate(messages):
        if message["role"] == "assistant":
            asked = ids_of(at, True)
            ids += asked[len(ids) :]
            labels += [IGNORED] * (len(ids) - len(labels))
            ids += ids_of(at + 1, False)[len(ids) :]
            labels += ids[len(labels) :]
    return ids, labels


def packed(examples):
    ids = [token for example in examples for token in example["input_ids"]]
    labels = [label for example in examples for label in example["labels"]]
    size = OPTIONS.max_length
    for start in range(0, len(ids) - size + 1, size):
        yield {
            "input_ids": ids[start : start + size],
            "attention_mask": [1] * size,
            "labels": labels[start : start + size],
        }


# The model.


def configuration(labels):
    config = AutoConfig.from_pretrained(OPTIONS.model)
    if OPTIONS.task != "causal-lm":
        config.num_labels = len(labels)
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
    if OPTIONS.dropout is not None:
        for name, value in config.to_dict().items():
            if ("dropout" in name or name.endswith("pdrop")) and isinstance(value, float):
                setattr(config, name, OPTIONS.dropout)
    if OPTIONS.attention_dropout is not None:
        for name in ("attention_probs_dropout_prob", "attention_dropout", "attn_pdrop"):
            if hasattr(config, name):
                setattr(config, name, OPTIONS.attention_dropout)
    return config


def load(config, tokenizer):
    auto = {
        "text-classification": AutoModelForSequenceClassification,
        "token-classification": AutoModelForTokenClassification,
        "causal-lm": AutoModelForCausalLM,
    }[OPTIONS.task]
    model = auto.from_pretrained(OPTIONS.model, config=config, dtype=torch.float32, ignore_mismatched_sizes=True)
    if model.config.pad_token_id is None:
        model.config.pad_token_id = tokenizer.pad_token_id
    return model


def restrict(model):
    """Leaves of the model what the method trains."""
    if OPTIONS.method == "lora":
        kind = {"text-classification": "SEQ_CLS", "token-classification": "TOKEN_CLS", "causal-lm": "CAUSAL_LM"}[OPTIONS.task]
        targets = OPTIONS.target_modules.split(",") if OPTIONS.target_modules else None
        config = peft.LoraConfig(
            task_type=kind,
            r=OPTIONS.lora_r,
            lora_alpha=OPTIONS.lora_alpha,
            lora_dropout=OPTIONS.lora_dropout,
            target_modules=targets,
        )
        return peft.get_peft_model(model, config)
    if OPTIONS.method == "head":
        model.base_model.requires_grad_(False)
    elif OPTIONS.method.startswith("frozen:"):
        frozen = int(OPTIONS.method.removeprefix("frozen:"))
        base = model.base_model
        layers = next(m for m in base.modules() if isinstance(m, torch.nn.ModuleList))
        if frozen > len(layers):
            raise SystemExit(f"the model has {len(layers)} layers")
        for module in [m for m in base.modules() if isinstance(m, torch.nn.Embedding)] + list(layers[:frozen]):
            module.requires_grad_(False)
        if hasattr(base, "embeddings"):
            base.embeddings.requires_grad_(False)
    elif OPTIONS.method != "full":
        raise SystemExit(f"no method {OPTIONS.method}")
    return model


# Training and its measurement.


class Clock(TrainerCallback):
    """When each step ended, and how many examples it had."""

    def __init__(self, examples):
        self.per_epoch = math.ceil(examples / OPTIONS.batch_size)
        self.last = examples - (self.per_epoch - 1) * OPTIONS.batch_size
        self.ends = []
        self.processor = []

    def on_train_begin(self, *_, **__):
        self.begin = time.perf_counter()
        self.processor_begin = time.process_time()

    def on_step_end(self, *_, **__):
        self.ends.append(time.perf_counter())
        self.processor.append(time.process_time())

    def examples(self, step):
        return self.last if step % self.per_epoch == self.per_epoch - 1 else OPTIONS.batch_size

    def speed(self):
        return self.per_second(self.ends, self.begin)

    def processor_speed(self):
        """Examples per second of processor time on each thread, which other programs on the machine hardly change."""
        return self.per_second(self.processor, self.processor_begin) * OPTIONS.threads

    def per_second(self, ends, begin):
        skipped = WARM_UP if len(ends) > WARM_UP else 0
        seconds = ends[-1] - (ends[skipped - 1] if skipped else begin)
        return sum(self.examples(step) for step in range(skipped, len(ends))) / seconds


def arguments(directory):
    known = inspect.signature(TrainingArguments).parameters
    given = dict(
        output_dir=directory,
        num_train_epochs=OPTIONS.epochs,
        max_steps=OPTIONS.max_steps,
        per_device_train_batch_size=OPTIONS.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=OPTIONS.learning_rate,
        weight_decay=OPTIONS.weight_decay,
        max_grad_norm=OPTIONS.max_grad_norm,
        lr_scheduler_type="linear",
        seed=OPTIONS.seed,
        bf16=OPTIONS.bf16,
        use_cpu=True,
        dataloader_pin_memory=False,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    # transformers 5 has one setting where 4 had two: below 1 it is a ratio.
    given["warmup_ratio" if "warmup_ratio" in known else "warmup_steps"] = OPTIONS.warmup_ratio
    if OPTIONS.group_by_length and "train_sampling_strategy" in known:
        given["train_sampling_strategy"] = "group_by_length"
    elif OPTIONS.group_by_length:
        given["group_by_length"] = True
    return TrainingArguments(**given)


def classification_metrics(logits, labels):
    from sklearn.metrics import accuracy_score, f1_score

    predicted = logits.argmax(-1)
    return {"accuracy": accuracy_score(labels, predicted), "f1_macro": f1_score(labels, predicted, average="macro")}


def tagging_metrics(logits, labels, names):
    from seqeval.metrics import f1_score, precision_score, recall_score

    predicted = logits.argmax(-1)
    kept = labels != IGNORED
    want = [[names[label] for label in line[keep]] for line, keep in zip(labels, kept)]
    got = [[names[label] for label in line[keep]] for line, keep in zip(predicted, kept)]
    return {
        "precision": precision_score(want, got),
        "recall": recall_score(want, got),
        "f1": f1_score(want, got),
        "accuracy": float((predicted == labels)[kept].mean()),
    }


def language_metrics(model, test, collator):
    """The mean over all tokens: the Trainer's own eval_loss is a mean of means, and it keeps all logits."""
    model.eval()
    total, tokens = 0.0, 0
    with torch.no_grad():
        for start in range(0, len(test), 8):
            batch = collator(test[start : start + 8])
            logits = model(**{k: v for k, v in batch.items() if k != "labels"}).logits[:, :-1]
            labels = batch["labels"][:, 1:]
            total += torch.nn.functional.cross_entropy(
                logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED, reduction="sum"
            ).item()
            tokens += (labels != IGNORED).sum().item()
    return {"test_loss": total / tokens, "perplexity": math.exp(total / tokens)}


def main():
    torch.set_num_threads(OPTIONS.threads)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    set_seed(OPTIONS.seed)
    train_rows, test_rows = rows(OPTIONS.train), rows(OPTIONS.test)
    labels = []
    if OPTIONS.task == "text-classification":
        labels = sorted({str(row["label"]) for row in train_rows + test_rows})
    elif OPTIONS.task == "token-classification":
        labels = sorted({tag for row in train_rows + test_rows for tag in row["tags"]})
    config = configuration(labels)
    spaced = {"add_prefix_space": True} if labels and config.model_type in ("roberta", "gpt2", "modernbert") else {}
    tokenizer = AutoTokenizer.from_pretrained(OPTIONS.model, **(spaced if OPTIONS.task == "token-classification" else {}))
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if OPTIONS.task == "text-classification":
        train, test = (list(classified(part, labels, tokenizer)) for part in (train_rows, test_rows))
        collator = DataCollatorWithPadding(tokenizer)
    elif OPTIONS.task == "token-classification":
        train, test = (list(tagged(part, labels, tokenizer)) for part in (train_rows, test_rows))
        collator = DataCollatorForTokenClassification(tokenizer)
    else:
        train, test = (list(continued(part, tokenizer)) for part in (train_rows, test_rows))
        if OPTIONS.packing:
            train = list(packed(train))
        collator = DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=IGNORED)

    model = restrict(load(config, tokenizer))
    clock = Clock(len(train))
    with tempfile.TemporaryDirectory() as directory:
        trainer = Trainer(
            model=model,
            args=arguments(directory),
            train_dataset=train,
            data_collator=collator,
            processing_class=tokenizer,
            callbacks=[clock],
        )
        trainer.remove_callback(transformers.PrinterCallback)
        result = trainer.train()
        trained_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if OPTIONS.task == "causal-lm":
            metrics = language_metrics(model, test, collator)
        else:
            output = trainer.predict(test)
            logits, truth = np.asarray(output.predictions), np.asarray(output.label_ids)
            metrics = {"test_loss": output.metrics["test_loss"]}
            if OPTIONS.task == "text-classification":
                metrics |= classification_metrics(logits, truth)
            else:
                metrics |= tagging_metrics(logits, truth, labels)
        print(
            json.dumps(
                {
                    "examples_per_second": round(clock.speed(), 2),
                    "examples_per_processor_second": round(clock.processor_speed(), 2),
                    **{name: round(float(value), 5) for name, value in metrics.items()},
                    "train_loss": round(result.training_loss, 5),
                    "steps": len(clock.ends),
                    "train_examples": len(train),
                    "test_examples": len(test),
                    "tokens_per_example": round(sum(len(row["input_ids"]) for row in train) / len(train), 1),
                    "trained_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
                    "peak_rss_mb": round(trained_peak / 1024),
                    "imports_rss_mb": round(IMPORTED / 1024),
                    "optimizer": str(getattr(trainer.args.optim, "value", trainer.args.optim)),
                    "attention": config._attn_implementation or model.config._attn_implementation,
                    "options": vars(OPTIONS),
                    "versions": {
                        "torch": torch.__version__,
                        "transformers": transformers.__version__,
                        "peft": peft.__version__,
                        "accelerate": accelerate.__version__,
                    },
                }
            )
        )


if __name__ == "__main__":
    main()
