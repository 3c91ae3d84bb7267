"""Writes what seqeval reads out of 200 random sequences of tags, half of them malformed on purpose.

    python entities.py ../../src/test/resources/evaluation/entities.json
"""

import json
import random
import sys

from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support

TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-A-B", "I-A-B"]
random.seed(7)


def anything():
    return random.choices(range(len(TAGS)), weights=[4, 1, 2, 1, 2, 1, 2], k=random.randint(1, 12))


def nearly(tags):
    return [random.randrange(len(TAGS)) if random.random() < 0.2 else tag for tag in tags]


def well_formed():
    tags = []
    while len(tags) < random.randint(1, 12):
        kind = random.randrange(4)
        tags += [0] if kind == 0 else [2 * kind - 1] + [2 * kind] * random.randint(0, 2)
    return tags


expected = [anything() if i % 2 else well_formed() for i in range(100)]
predicted = [nearly(tags) for tags in expected]


def names(sequences):
    return [[TAGS[tag] for tag in sequence] for sequence in sequences]


def entities(sequences):
    return [[[kind, start, end + 1] for kind, start, end in get_entities(tags)] for tags in names(sequences)]


true, found = names(expected), names(predicted)
precision, recall, f1, support = precision_recall_fscore_support(true, found, average=None)
types = sorted({kind for part in entities(expected) + entities(predicted) for kind, _, _ in part})
result = {
    "tags": TAGS,
    "expected": expected,
    "predicted": predicted,
    "expected_entities": entities(expected),
    "predicted_entities": entities(predicted),
    "precision": float(precision_score(true, found)),
    "recall": float(recall_score(true, found)),
    "f1": float(f1_score(true, found)),
    "accuracy": float(accuracy_score(true, found)),
    "by_type": [
        {"label": kind, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for kind, p, r, f, n in zip(types, precision, recall, f1, support)
    ],
}
with open(sys.argv[1], "w") as file:
    file.write("{\n" + ",\n".join(f'"{k}": {json.dumps(v, separators=(",", ":"))}' for k, v in result.items()) + "\n}\n")
