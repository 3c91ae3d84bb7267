"""Writes what scikit-learn and cleanlab compute for random cases to src/test/resources/evaluation, for the tests of baselines,
slices, wrong labels and group scores. Needs scikit-learn 1.9 and cleanlab 2.9:

    python bench/reference/baselines.py
"""

import gzip
import io
import json
import pathlib
import random

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, root_mean_squared_error, roc_auc_score

OUT = pathlib.Path(__file__).parents[2] / "src/test/resources/evaluation"
CASES = 200


def write(name, cases):
    OUT.mkdir(parents=True, exist_ok=True)
    raw = io.BytesIO()
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out:
        for case in cases:
            out.write((json.dumps(case, ensure_ascii=False) + "\n").encode())
    (OUT / name).write_bytes(raw.getvalue())


def text(rng, topic):
    words = "the of and it is was a I film movie plot Größe naïve don't x 2 42 well-made so_so œuvre ① 漢字 très".split()
    topics = [["good", "great", "fine"], ["bad", "poor", "dull"], ["short", "brief", "long"]]
    return " ".join(rng.choice(topics[topic] if rng.random() < 0.3 else words) for _ in range(rng.randint(0, 30)))


def tf_idf():
    rng = random.Random(1)
    for case in range(20):
        labels = 2 + case % 3
        train = [(text(rng, label % 3), label) for label in (rng.randrange(labels) for _ in range(60 + 10 * case))]
        train += [("", label) for label in range(labels)]
        test = [text(rng, rng.randrange(3)) for _ in range(20)] + ["", "!", "unknown words only"]
        vectors = TfidfVectorizer(ngram_range=(1, 2))
        x = vectors.fit_transform([row[0] for row in train])
        y = [row[1] for row in train]
        model = LogisticRegression(tol=1e-10, max_iter=10_000).fit(x, y)
        numbers = [rng.gauss(50, 10) + 5 * label for label in y]
        ridge = Ridge(tol=1e-12, solver="sparse_cg", max_iter=100_000).fit(x, numbers)
        yield {
            "texts": [row[0] for row in train],
            "labels": y,
            "numbers": numbers,
            "test": test,
            "grams": len(vectors.vocabulary_),
            "probabilities": model.predict_proba(vectors.transform(test)).tolist(),
            "predicted_numbers": ridge.predict(vectors.transform(test)).tolist(),
        }


def noise():
    rng = np.random.default_rng(2)
    for case in range(CASES):
        labels = int(rng.integers(2, 6))
        rows = int(rng.integers(20, 120))
        given = np.concatenate([np.arange(labels), rng.integers(0, labels, rows - labels)])
        scores = rng.dirichlet(np.ones(labels) * rng.choice([0.3, 1, 3]), rows)
        for row in range(rows):
            if rng.random() < 0.7:
                scores[row, given[row]] += 1
        scores = np.round(scores / scores.sum(axis=1, keepdims=True), 5)
        joint = compute_confident_joint(given, scores, calibrate=False)
        issues = find_label_issues(given, scores, filter_by="confident_learning", min_examples_per_class=0)
        yield {
            "labels": given.tolist(),
            "scores": scores.tolist(),
            "thresholds": get_confident_thresholds(given, scores).tolist(),
            "joint": joint.tolist(),
            "issues": np.nonzero(issues)[0].tolist(),
            "margins": get_label_quality_scores(given, scores, method="normalized_margin").tolist(),
        }


def groups():
    rng = np.random.default_rng(3)
    for case in range(CASES):
        rows = int(rng.integers(5, 80))
        positive = rng.random(rows) < 0.4
        group = rng.random(rows) < 0.3
        scores = np.round(rng.random(rows) + 0.3 * positive, int(rng.integers(1, 6))).astype(np.float32)

        def auc(kept):
            wanted = positive[kept]
            return None if wanted.all() or not wanted.any() else roc_auc_score(wanted, scores[kept])

        yield {
            "positive": np.nonzero(positive)[0].tolist(),
            "group": np.nonzero(group)[0].tolist(),
            "scores": [float(score) for score in scores],
            "all": auc(np.ones(rows, bool)) if rows else None,
            "subgroup": auc(group),
            "bpsn": auc((~group & positive) | (group & ~positive)),
            "bnsp": auc((~group & ~positive) | (group & positive)),
        }


def slices():
    rng = np.random.default_rng(4)
    for case in range(CASES):
        rows = int(rng.integers(6, 60))
        labels = int(rng.integers(2, 5))
        expected = rng.integers(0, labels, rows)
        predicted = np.where(rng.random(rows) < 0.6, expected, rng.integers(0, labels, rows))
        values = rng.integers(-1, 3, rows)
        wanted = rng.random((rows, labels)) < 0.4
        found = np.where(rng.random((rows, labels)) < 0.7, wanted, rng.random((rows, labels)) < 0.4)
        numbers = rng.normal(3, 2, rows)
        guessed = numbers + rng.normal(0, 1, rows)

        def figures(kept):
            if not kept.any():
                return None
            return {
                "accuracy": accuracy_score(expected[kept], predicted[kept]),
                "f1_macro": f1_score(expected[kept], predicted[kept], average="macro", zero_division=0),
                "f1_micro": f1_score(wanted[kept], found[kept], average="micro", zero_division=0),
                "exact": accuracy_score(wanted[kept], found[kept]),
                "mae": mean_absolute_error(numbers[kept], guessed[kept]),
                "rmse": root_mean_squared_error(numbers[kept], guessed[kept]),
            }

        yield {
            "labels": labels,
            "expected": expected.tolist(),
            "predicted": predicted.tolist(),
            "values": values.tolist(),
            "wanted": [np.nonzero(row)[0].tolist() for row in wanted],
            "found": [np.nonzero(row)[0].tolist() for row in found],
            "numbers": numbers.tolist(),
            "guessed": guessed.tolist(),
            "slices": [figures(values == value) for value in range(3)],
            "others": [figures(values != value) for value in range(3)],
        }


if __name__ == "__main__":
    write("tf_idf.jsonl.gz", tf_idf())
    write("label_noise.jsonl.gz", noise())
    write("group_scores.jsonl.gz", groups())
    write("slices.jsonl.gz", slices())
