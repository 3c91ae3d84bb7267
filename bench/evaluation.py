"""See bench/evaluation, which calls this."""

import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PYTHON, ROUNDS, ROWS = sys.argv[1], int((sys.argv[2:3] or ["3"])[0]), int((sys.argv[3:4] or ["5000"])[0])
sys.argv = ["compare", "target/test-classes:target/classes:" + pathlib.Path("target/bench.classpath").read_text().strip(), os.environ.get("DATA", "../shared/data"), "1"]
sys.path.insert(0, str(HERE))
import compare  # noqa: E402

# Like an evaluation: the texts are tokenized beforehand, and both count only the time in which batches are computed.
TORCH = """
import json, sys, time, torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
torch.set_num_threads(2)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1]).eval()
if sys.argv[3] == "bf16":
    model = model.to(torch.bfloat16)
texts = [json.loads(line)["text"] for line in open(sys.argv[2])]
texts.sort(key=lambda text: len(tokenizer(text)["input_ids"]))
batches = [tokenizer(texts[i:i + 64], padding=True, return_tensors="pt") for i in range(0, len(texts), 64)]
with torch.inference_mode():
    model(**batches[0])
    begun = time.perf_counter()
    for batch in batches:
        model(**batch).logits.softmax(-1)
    print(len(texts) / (time.perf_counter() - begun))
"""


def classifier():
    """Returns the directory of a classifier whose head was trained for one epoch."""
    rows, labels = compare.data("rt_polarity")
    work = compare.work_directory(compare.model(), rows, labels, {"type": "head"})
    if compare.trainer(work, subprocess.DEVNULL, None).wait():
        raise SystemExit("the trainer failed")
    return work / "model", labels


def evaluation(model, labels, rows, precision):
    """Returns the rows per second of an evaluation, as its last event of progress tells, how many such events there were, and the
    peak resident memory in MB."""
    work = compare.work_directory(model, rows.parent, labels, {"type": "full"}, precision=precision)
    spec = json.loads((work / "spec.json").read_text())
    spec["evaluation"] = {"split": None, "rows": ROWS, "is_labelled": True, "label_map": {}}
    (work / "spec.json").write_text(json.dumps(spec))
    os.symlink(rows, work / "all.jsonl")
    (work / "train.jsonl").unlink()  # an evaluation of all rows has no baselines
    with open(work / "out", "w") as out:
        _, status, usage = os.wait4(compare.trainer(work, out, None).pid, 0)
    if status:
        raise SystemExit("the evaluation failed")
    progress = [json.loads(line)["data"] for line in open(work / "out") if '"progress"' in line]
    return progress[-1]["examples_per_second"], len(progress), usage.ru_maxrss / 1024


def main():
    model, labels = classifier()
    found = list(compare.rows_of("rt_polarity"))
    rows = compare.WORK / "rows" / "train.jsonl"
    rows.parent.mkdir()
    with open(rows, "w") as out:
        for i in range(ROWS):
            out.write(json.dumps({"row": i + 1, **{name: found[i % len(found)][name] for name in ("text", "label")}}) + "\n")
    speeds = {}
    for turn in range(ROUNDS):
        for precision in compare.PRECISIONS:
            speed, events, memory = evaluation(model, labels, rows, precision)
            speeds.setdefault(("anneal", precision), []).append(speed)
            compare.note(precision, "%d events of progress, %.0f MB" % (events, memory))
            torch = subprocess.run([PYTHON, "-c", TORCH, str(model), str(rows), precision], check=True, capture_output=True, text=True, env=dict(os.environ, OMP_WAIT_POLICY="PASSIVE"))
            speeds.setdefault(("torch", precision), []).append(float(torch.stdout))
        compare.note("round", turn, {" ".join(name): round(values[-1], 1) for name, values in speeds.items()})
    print("| %d rows, rows/s, median of %d rounds | anneal | torch | ratio |\n|---|---|---|---|" % (ROWS, ROUNDS))
    for precision in compare.PRECISIONS:
        own, other = (statistics.median(speeds[name, precision]) for name in ("anneal", "torch"))
        print("| %s | %.0f | %.0f | %.2f |" % (precision, own, other, own / other))


main()
