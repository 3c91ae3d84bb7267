"""See bench/forgetting, which calls this."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MODEL, ROWS, ONLY = pathlib.Path(sys.argv[1]), int((sys.argv[2:3] or ["32"])[0]), sys.argv[3:]
DATA = pathlib.Path(os.environ.get("DATA", "../shared/data"))
CLASS_PATH = "target/classes:" + pathlib.Path("target/bench.classpath").read_text().strip()
# The command of a worker (TrainerCommand).
TRAINER = {"OMP_WAIT_POLICY": "PASSIVE", "MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "8589934592"}
RATE = float(os.environ.get("RATE", "3e-4"))
SHARE = 0.25
SMALL = json.loads((MODEL / "config.json").read_text())["vocab_size"] < 1000
FULL = {"type": "full"}
LORA = {"type": "lora", "r": 8, "alpha": 16.0, "dropout": 0.0, "target_modules": ["q_proj", "v_proj"]}

# name: hyperparameters, method, whether rows of general questions and answers are replayed
RUNS = {
    "plain": ({}, FULL, False),
    "l2_to_base %.0f" % (0.1 / RATE): ({"l2_to_base": 0.1 / RATE}, FULL, False),
    "l2_to_base %.0f" % (0.3 / RATE): ({"l2_to_base": 0.3 / RATE}, FULL, False),
    "replay %g" % SHARE: ({}, FULL, True),
    "unfreeze_rank_ratio 0.25": ({"unfreeze_rank_ratio": 0.25}, FULL, False),
    "learning_rate / 3": ({"learning_rate": RATE / 3}, FULL, False),
    "lora": ({"learning_rate": 5 * RATE}, LORA, False),
}


def shakespeare():
    """Returns texts of about 250 tokens: some of the beginning to train, some of the end to test."""
    text = (DATA / "tinyshakespeare/tinyshakespeare.txt").read_text()
    parts, part = [], ""
    for speech in text.split("\n\n"):
        part += speech + "\n\n"
        if len(part) >= 800:
            parts.append(part.strip())
            part = ""
    return parts[:ROWS], parts[-10:]


STORIES = (
    """Once upon a time, there was a little %(who)s named %(name)s. %(name)s loved to play in the park. One day, %(name)s saw a big %(thing)s under a tree.
"Wow, look at this %(thing)s!" said %(name)s. Mom smiled and said, "It is very nice. We can take it home." They were very happy.""",
    """%(name)s and Ben are friends. They like to run and jump. Today they find a %(thing)s in the garden. "Can I have it?" Ben asks. "No, it is mine!" says
%(name)s. Ben is sad. Then %(name)s says, "I am sorry. We can share." They play with the %(thing)s all day.""",
    """One day, a little %(who)s went for a walk. The sun was hot and the sky was blue. The %(who)s wanted to drink some water, but there was only a %(thing)s.
A kind bird came and said, "Do not worry, I can help you." The bird showed %(name)s a small river. %(name)s was glad and said thank you.""",
    """There was a %(who)s who was always scared at night. %(name)s went to bed, but it was too dark. "Mommy, I am scared," said %(name)s. Mommy gave %(name)s a
soft %(thing)s. "Hold it and close your eyes," she said. %(name)s felt safe and went to sleep.""",
)


def stories(first, count):
    """Returns stories for children, which stories260K knows: two kinds of them from the first one on."""
    who, name, thing = ["girl", "boy", "cat", "dog", "bunny"], ["Lily", "Tom", "Mia", "Sam", "Anna", "Max", "Sue"], ["ball", "box", "toy", "doll", "flower", "hat", "car", "book", "cake"]
    return [(STORIES[first + i % 2] % {"who": who[i % 5], "name": name[i % 7], "thing": thing[i % 9]}).replace("\n", " ") for i in range(count)]


def general():
    """Returns questions with their answers, several in a text of about the same length; stories for a model that knows no other text."""
    wanted = round(ROWS * SHARE / (1 - SHARE))
    if SMALL:
        return stories(2, wanted)
    texts, text = [], ""
    for line in (DATA / "instruct/chat.jsonl").read_text().splitlines():
        text += "\n\n".join(message["content"] for message in json.loads(line)["messages"]) + "\n\n"
        if len(text) >= 800:
            texts.append(text.strip())
            text = ""
    return [texts[i * len(texts) // wanted] for i in range(wanted)]


def write(path, texts):
    path.write_text("".join(json.dumps({"row": i + 1, "text": text}) + "\n" for i, text in enumerate(texts)))


def run(name, hyperparameters, method, replays):
    work = pathlib.Path(tempfile.mkdtemp(prefix="forgetting"))
    train, test = shakespeare()
    write(work / "train.jsonl", train)
    write(work / "test.jsonl", test)
    spec = {
        "task": "causal-lm", "labels": [], "method": method,
        "task_options": {"packing": True, "completions_only": True},
        "hyperparameters": {
            "epochs": 1, "batch_size": 4, "gradient_accumulation_steps": 1, "learning_rate": RATE, "lr_scheduler_type": "linear",
            "warmup_ratio": 0.1, "layerwise_lr_decay": 1.0, "weight_decay": 0.01, "max_grad_norm": 1.0, "dropout": 0.0,
            "label_smoothing": 0.0, "max_length": 256, "seed": 1, **hyperparameters,
        },
    }
    if SMALL:
        write(work / "retain.jsonl", stories(0, 30))
    elif name == "plain":      # the report then has the loss of the base model on these rows, too
        write(work / "retain.jsonl", test)
    if replays:
        write(work / "replay.jsonl", general())
        spec["replay"] = {"dataset": "general", "share": SHARE}
    (work / "spec.json").write_text(json.dumps(spec))
    (work / "placement.json").write_text(json.dumps({"base_model": str(MODEL.resolve()), "device": "cpu", "threads": 2, "precision": os.environ.get("PRECISION", "bf16")}))
    begun = time.time()
    trainer = subprocess.run(
        ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", CLASS_PATH, "dev.anneal.training.Trainer", str(work)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ, **TRAINER))
    if trainer.returncode:
        raise SystemExit(name + ": " + trainer.stderr[-1000:])
    events = [json.loads(line) for line in trainer.stdout.splitlines()]
    epoch = [event["data"] for event in events if event["type"] == "epoch"][-1]
    report = json.loads((work / "report.json").read_text())
    subprocess.run(["rm", "-rf", str(work)], check=True)
    probe, retained = report["forgetting"]["probe"], report["forgetting"]["retained"]
    if SMALL:
        probe = retained
    found = {"target": report["loss"], "base": retained and not SMALL and retained["before"], "before": probe["before"], "general": probe["after"], "rise": probe["change"],
             "agreement": probe["agreement"], "epoch": epoch["seconds"], "all": time.time() - begun}
    print(name, found, file=sys.stderr, flush=True)
    return found


def main():
    found = {name: run(name, *what) for name, what in RUNS.items() if not ONLY or name == "plain" or name.split()[0] in ONLY}
    plain = found["plain"]
    print("| %d rows | loss on Shakespeare | to plain | loss on %s | rise | to plain | same next token | epoch, s |" % (ROWS, "stories" if SMALL else "general text"))
    print("|---|---|---|---|---|---|---|---|")
    print("| base model | %s | | %.3f | | | 100 %% | |" % ("%.3f" % plain["base"] if plain["base"] else "", plain["before"]))
    for name, row in found.items():
        print("| %s | %.3f | %+.1f %% | %.3f | %.3f | %+.0f %% | %.0f %% | %.0f |" % (
            name, row["target"], 100 * (row["target"] / plain["target"] - 1), row["general"], row["rise"],
            100 * (row["rise"] / plain["rise"] - 1), 100 * row["agreement"], row["epoch"]))


main()
