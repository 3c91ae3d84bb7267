"""Checks and times Anneal's programs on a GPU, against what a CPU computed and against transformers.

    python gpu.py [--device cuda] [folder]      # needs torch and transformers, no network and no Java; about three minutes

`bench/gpu` writes the folder and this file into it. With --device cpu, all is run with few steps: to see that it works.
Prints tables and writes gpu.json. Ends with exit code 1 if a check exceeds its bound.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error")
import numpy
import torch
from safetensors.torch import load_file

# The largest differences from what the CPU computes in fp32: of the loss, and of all gradients as one vector, both relative.
BOUNDS = {"fp32": (1e-4, 2e-3), "bf16": (2e-2, 6e-2)}
# A token may differ if the CPU finds the best two so close, as logarithms of probabilities; what follows is not compared.
GAPS = {"fp32": 1e-3, "bf16": 0.1}
LEARNING_RATE, DECAY, BETA2, CLIP, DROPOUT = 1e-5, 0.01, 0.999, 1.0, 0.1

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).parent)
options.add_argument("--device", default="cuda")
options.add_argument("--only", choices=["check", "time"], help="one part of it")
options = options.parse_args()
device = torch.device(options.device)
gpu = device.type == "cuda"


def wait():
    if gpu:
        torch.cuda.synchronize(device)


def values(shape, seed, base, scale):
    """Numbers that look random, the same as GpuFiles.java computes, bit for bit."""
    h = numpy.arange(numpy.prod(shape), dtype=numpy.uint64)
    h += numpy.uint64(seed + 1)
    h *= numpy.uint64(0x9E3779B97F4A7C15)
    h ^= h >> numpy.uint64(29)
    h *= numpy.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> numpy.uint64(32)
    unit = (h >> numpy.uint64(40)).astype(numpy.float32) * numpy.float32(2**-23) - numpy.float32(1)
    return torch.from_numpy(numpy.float32(base) + numpy.float32(scale) * unit).view(shape)


class Case:
    """A model: its programs, and its weights on the host."""

    def __init__(self, facts):
        self.facts, self.name = facts, facts["name"]
        self.folder = options.folder / self.name
        self.program = torch.jit.load(str(self.folder / "train.zip"))
        if "formulas" in facts:
            self.weights = {name: values(*formula) for name, formula in facts["formulas"].items()}
        else:
            self.weights = load_file(self.folder / "weights.safetensors")

    def batch(self, name):
        stored = load_file(self.folder / (name + ".safetensors"))
        of = lambda kind: {key[len(kind):]: tensor for key, tensor in stored.items() if key.startswith(kind)}
        return of("batch."), of("gradient.")


class Training:
    """The steps of a trainer, as TrainableModel, TrainStep and AdamW of Anneal make them."""

    def __init__(self, case, trained, bf16):
        self.case = case
        self.weights = {name: weight.to(device, copy=True) for name, weight in case.weights.items()}
        self.optimizer = torch.jit.load(str(options.folder / "optimizer.zip"))
        self.copies = dict(self.weights)
        if bf16:
            linear = case.facts["linear"]
            self.copies.update(zip(linear, self.optimizer.rounded([self.weights[name] for name in linear])))
        # The trainer sorts them so: those that decay come first.
        self.trained = trained
        self.parameters = [self.copies[name].requires_grad_(True) for name in trained]
        self.groups = []
        for isMatrix in (True, False):
            names = [name for name in trained if (self.weights[name].dim() > 1) == isMatrix]
            masters = [self.weights[name] for name in names]
            zeros = lambda: [torch.zeros_like(x, requires_grad=False) for x in masters]
            self.groups.append((
                [trained.index(name) for name in names], masters, [self.copies[name] for name in names], zeros(), zeros(),
                [torch.zeros([], device=device) for _ in names], DECAY if isMatrix else 0.0))

    def gradients(self, batch, drop, seed=1, checkpointing=False):
        return self.case.program.gradients(self.copies, self.parameters, batch, seed, drop, 0.0, checkpointing)

    def step(self, batch, seed):
        loss, *found = self.gradients(batch, DROPOUT, seed)
        with torch.no_grad():
            clip = self.optimizer.clip_coefficient(found, CLIP)
            for indexes, masters, copies, m, v, t, decay in self.groups:
                self.optimizer.update(
                    masters, copies, m, v, t, [found[i] for i in indexes], LEARNING_RATE, decay, BETA2, clip)
        return loss


class Generation:
    """The steps of a model host that generates, as Decoder of Anneal makes them."""

    def __init__(self, case, bf16):
        self.program = torch.jit.load(str(case.folder / "step.zip"))
        with torch.no_grad():
            weights = {name: weight.to(device) for name, weight in case.weights.items()}
            self.weights = self.program.prepare(weights, bf16, not gpu and bf16)

    @torch.inference_mode()
    def run(self, prompts, count):
        """The likeliest tokens after each prompt, all texts in one batch."""
        caches = [self.program.cache(self.weights, len(prompt) + count) for prompt in prompts]
        news, past, out = prompts, [0] * len(prompts), [[] for _ in prompts]
        options_of = torch.tensor([[0.0, 0.0, 1.0, 0.0]] * len(prompts), dtype=torch.float64)
        for _ in range(count):
            ids = torch.tensor([token for new in news for token in new])
            at = torch.tensor([before + i for new, before in zip(news, past) for i in range(len(new))])
            rows = [number for new, before in zip(news, past) for number in (len(new), before)]
            ends = torch.tensor([len(new) for new in news]).cumsum(0) - 1
            chosen = self.program.step(self.weights, ids, at, rows, caches, ends, options_of, -1)[0].tolist()
            past = [before + len(new) for new, before in zip(news, past)]
            news = [[token] for token in chosen]
            for text, token in zip(out, chosen):
                text.append(token)
        return out


def relative(found, expected):
    return float((found - expected).norm() / expected.norm())


def check(case):
    """Rows of the table: model, precision, what, difference, bound, whether it is within."""
    for facts in case.facts["batches"]:
        batch, expected = case.batch(facts["name"])
        for precision, (of_loss, of_gradients) in BOUNDS.items():
            training = Training(case, facts["trained"], precision == "bf16")
            loss, *found = training.gradients(on_device(batch), 0.0)
            difference = abs(float(loss) - facts["loss"]) / abs(facts["loss"])
            yield case.name, precision, facts["name"] + ", loss", difference, of_loss
            step = [max(1, x.numel() // 4096) for x in found]
            sampled = torch.cat([x.detach().flatten()[::s].float().cpu() for x, s in zip(found, step)])
            wanted = torch.cat([expected[name] for name in facts["trained"]])
            yield case.name, precision, facts["name"] + ", gradients", relative(sampled, wanted), of_gradients
            if precision == "fp32":     # what dropout leaves out follows from the seed, also if layers are computed again
                once, again, other = (
                    torch.cat([x.detach().flatten() for x in training.gradients(on_device(batch), DROPOUT, seed, recompute)])
                    for seed, recompute in ((5, False), (5, True), (6, False)))
                yield case.name, precision, facts["name"] + ", dropout of a seed", relative(again, once), of_gradients
                yield case.name, precision, facts["name"] + ", seeds that agree", float(relative(other, once) < 1e-2), 0.0
    texts = case.facts.get("generated", [])
    for precision in BOUNDS if texts else []:
        found = Generation(case, precision == "bf16").run([text["prompt"] for text in texts], len(texts[0]["tokens"]))
        equal, wrong = 0, 0.0
        for text, tokens in zip(texts, found):
            same = [a == b for a, b in zip(tokens, text["tokens"])]
            first = same.index(False) if False in same else len(same)
            equal += first
            if first < len(same):
                wrong = max(wrong, text["gaps"][first])
        what = "generated, %d of %d tokens equal" % (equal, sum(len(text["tokens"]) for text in texts))
        yield case.name, precision, what, wrong, GAPS[precision]


def on_device(batch):
    """A batch as Model of Anneal passes it to a program: for a GPU beside the copies there is what is on the host."""
    if not gpu:
        return batch
    copies = {name: tensor.pin_memory().to(device, non_blocking=True) for name, tensor in batch.items()}
    return copies | {"host." + name: tensor for name, tensor in batch.items()}


def peak():
    """GB of the GPU since the last call, or of the process since its start."""
    if not gpu:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    most = torch.cuda.max_memory_allocated(device) / 1e9
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    return most


def tokens(case, texts, length):
    """Full rows of random tokens, with targets."""
    ids = torch.randint(3, case.facts["config"]["vocab_size"], [texts, length])
    batch = {"ids": ids, "segments": torch.ones_like(ids)}
    batch["labels"] = ids.float() if case.facts["task"] == "causal-lm" else torch.randint(0, 2, [texts]).float()
    return batch


def step_of_anneal(case, texts, length, steps):
    training = Training(case, case.facts["batches"][0]["trained"], True)
    peak()
    for step in range(steps + WARM_UP):
        if step == WARM_UP:
            wait()
            start = time.perf_counter()
        training.step(on_device(tokens(case, texts, length)), step)
    wait()
    return (time.perf_counter() - start) / steps, peak()


def transformers_config(case):
    import transformers
    fields = dict(case.facts["config"])
    return transformers.AutoConfig.for_model(fields.pop("model_type"), **fields)


def step_of_transformers(case, texts, length, steps):
    """The Trainer in bf16 with its fused AdamW."""
    import tempfile

    import transformers

    causal = case.facts["task"] == "causal-lm"
    kind = transformers.AutoModelForCausalLM if causal else transformers.AutoModelForSequenceClassification
    model = kind.from_config(transformers_config(case), dtype=torch.float32)
    row = tokens(case, 1, length)
    item = {"input_ids": row["ids"][0], "attention_mask": row["segments"][0]}
    item["labels"] = row["ids"][0] if causal else torch.tensor(1)

    class Clock(transformers.TrainerCallback):
        def on_step_end(self, arguments, state, control, **_):
            if state.global_step in (WARM_UP, steps + WARM_UP):
                wait()
                self.times = getattr(self, "times", []) + [time.perf_counter()]

    clock = Clock()
    torch.set_grad_enabled(True)       # Anneal's programs leave it off
    with tempfile.TemporaryDirectory() as directory:
        arguments = transformers.TrainingArguments(
            output_dir=directory, bf16=True, optim="adamw_torch_fused", max_steps=steps + WARM_UP, use_cpu=not gpu,
            per_device_train_batch_size=texts, weight_decay=DECAY, max_grad_norm=CLIP, learning_rate=LEARNING_RATE,
            report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True)
        peak()
        trainer = transformers.Trainer(
            model=model, args=arguments, train_dataset=[item] * (texts * (steps + WARM_UP)), callbacks=[clock])
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    return (clock.times[1] - clock.times[0]) / steps, peak()


def generation_of_anneal(case, texts, length, count):
    generation = Generation(case, True)
    return generation_time(case, texts, length, count, lambda prompts: generation.run(prompts, count))


def generation_of_transformers(case, texts, length, count):
    import transformers

    model = transformers.AutoModelForCausalLM.from_config(transformers_config(case), dtype=torch.bfloat16).to(device).eval()

    @torch.inference_mode()
    def run(prompts):
        ids = torch.tensor(prompts).to(device)
        model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, min_new_tokens=count, do_sample=False,
            pad_token_id=0)

    return generation_time(case, texts, length, count, run)


def generation_time(case, texts, length, count, run):
    """Seconds a token of one text, the median of three runs after one more."""
    peak()
    seconds = []
    for _ in range(4 if gpu else 2):
        prompts = tokens(case, texts, length)["ids"].tolist()
        wait()
        start = time.perf_counter()
        run(prompts)
        wait()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:]) / count, peak()


WARM_UP = 5 if gpu else 1
# model, texts, tokens of a text, steps; or new tokens
STEPS = [("minilm", 32, 128, 30), ("smollm2", 8, 512, 20)] if gpu else [("minilm", 8, 32, 2), ("smollm2", 1, 64, 1)]
GENERATIONS = (
    [("smollm2", 1, 64, 128), ("smollm2", 8, 64, 128), ("smollm2", 32, 64, 128)] if gpu else [("smollm2", 2, 16, 4)])


def measure(cases):
    """Rows of the table, in bf16: what, texts, tokens, milliseconds and peak of Anneal, and of transformers."""
    for name, texts, length, steps in STEPS:
        yield ("training step, " + name, texts, length, *step_of_anneal(cases[name], texts, length, steps),
               *step_of_transformers(cases[name], texts, length, steps))
    for name, texts, length, count in GENERATIONS:
        yield ("token, " + name, texts, length, *generation_of_anneal(cases[name], texts, length, count),
               *generation_of_transformers(cases[name], texts, length, count))


def main():
    start = time.time()
    torch._C._set_graph_executor_optimize(False)       # as Anneal does
    torch.backends.cuda.matmul.allow_tf32 = False
    if not gpu:
        torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    where = torch.cuda.get_device_name(device) if gpu else "CPU"
    print("%s, torch %s\n" % (where, torch.__version__), flush=True)
    cases = {facts["name"]: Case(facts) for facts in json.loads((options.folder / "cases.json").read_text())}
    result = {"device": where, "torch": torch.__version__, "checks": [], "times": []}
    good = True
    if options.only != "time":
        print("| model | precision | what | difference from the CPU | bound | |\n|---|---|---|---|---|---|")
        for case in cases.values():
            for model, precision, what, difference, bound in check(case):
                within = difference <= bound      # false for NaN
                good = good and within
                print("| %s | %s | %s | %.1e | %.0e | %s |" % (
                    model, precision, what, difference, bound, "ok" if within else "TOO LARGE"), flush=True)
                result["checks"].append(dict(
                    model=model, precision=precision, what=what, difference=difference, bound=bound, within=within))
        print()
    if options.only != "check":
        print("| bf16 | texts | tokens | Anneal ms | transformers ms | ratio | Anneal GB | transformers GB |")
        print("|---|---|---|---|---|---|---|---|")
        for what, texts, length, ours, memory, theirs, their_memory in measure(cases):
            print("| %s | %d | %d | %.2f | %.2f | %.2f | %.2f | %.2f |" % (
                what, texts, length, ours * 1e3, theirs * 1e3, theirs / ours, memory, their_memory), flush=True)
            result["times"].append(dict(
                what=what, texts=texts, tokens=length, anneal_seconds=ours, transformers_seconds=theirs,
                anneal_peak_gb=memory, transformers_peak_gb=their_memory))
        print()
    result["seconds"] = time.time() - start
    out = pathlib.Path(os.environ.get("OUT", ".")) / "gpu.json"
    out.write_text(json.dumps(result, indent=1))
    print("%s in %.0f s; %s" % ("all checks are within their bounds" if good else "A CHECK FAILED", result["seconds"], out))
    sys.exit(0 if good else 1)


main()
