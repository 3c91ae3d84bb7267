"""Generates the same texts with Anneal and with transformers, alternately; see bench/serving."""

import json
import statistics
import subprocess
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL, CLASS_PATH, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
TOKENS = 64
# A text that the model continues without end.
PROMPT = "Chapter #. The numbers of this chapter are: #, 1, 2, 3, 4, 5,"
# transformers generates faster with one thread than with two.
torch.set_num_threads(1)


class Anneal:
    def __init__(self):
        self.process = subprocess.Popen(
            ["java", "-Xmx1g", "-cp", CLASS_PATH, "dev.anneal.transformer.generate.GenerationBench", MODEL, "1", "auto"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        print("Anneal computes in %s; its probabilities differ from those in fp32 by at most %s" % tuple(self.line("ready ").split()))

    def line(self, start):
        """Skips the log."""
        for line in self.process.stdout:
            if line.startswith(start):
                return line[len(start):]
        raise SystemExit("the Java process ended")

    def generate(self, at_once, texts):
        self.process.stdin.write(f"{at_once} {texts} {TOKENS} {PROMPT}\n")
        self.process.stdin.flush()
        seconds, processor, ids = self.line("texts ").split(" ", 2)
        return float(seconds), float(processor), json.loads(ids)


class Transformers:
    def __init__(self):
        self.tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
        self.tokenizer.pad_token = self.tokenizer.eos_token
        self.model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.bfloat16).eval()

    @torch.inference_mode()
    def generate(self, at_once, texts):
        start, processor, ids = time.time(), time.process_time(), []
        for first in range(0, texts, at_once):
            prompts = [PROMPT.replace("#", str(i)) for i in range(first, first + at_once)]
            batch = self.tokenizer(prompts, return_tensors="pt", padding=True)
            found = self.model.generate(**batch, max_new_tokens=TOKENS, min_new_tokens=TOKENS, do_sample=False)
            ids += found[:, batch["input_ids"].shape[1]:].tolist()
        return time.time() - start, time.process_time() - processor, ids


def main():
    anneal, transformers = Anneal(), Transformers()
    runs = {
        "Anneal, one text": (anneal, 1, 1),
        "transformers, one text": (transformers, 1, 1),
        "Anneal, 8 at once": (anneal, 8, 8),
        "transformers, 8 at once": (transformers, 8, 8),
        "Anneal, 8 one after another": (anneal, 1, 8),
    }
    results = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):  # the first round warms up
        for name, (who, at_once, texts) in runs.items():
            results[name].append(who.generate(at_once, texts))
    rates = {}
    print("| | tokens a second | tokens a second of processor time |\n|---|---|---|")
    for name, rounds in results.items():
        rates[name] = [
            statistics.median(sum(map(len, result[2])) / result[i] for result in rounds[1:]) for i in range(2)]
        print("| %s | %.1f | %.1f |" % (name, *rates[name]))

    def ratio(one, other):
        return "%.2f elapsed, %.2f processor time" % tuple(a / b for a, b in zip(rates[one], rates[other]))

    print("one text, Anneal to transformers:", ratio("Anneal, one text", "transformers, one text"))
    print("8 at once, Anneal to transformers:", ratio("Anneal, 8 at once", "transformers, 8 at once"))
    print("8 at once to one after another:", ratio("Anneal, 8 at once", "Anneal, 8 one after another"))
    together, alone, reference = (results[name][0][2] for name in (
        "Anneal, 8 at once", "Anneal, 8 one after another", "transformers, 8 at once"))
    print("tokens at once and one after another are", "equal" if together == alone else "DIFFERENT")
    print("texts that equal those of transformers: %d of 8" % sum(a == b for a, b in zip(together, reference)))


main()
