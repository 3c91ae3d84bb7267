"""Writes random predictions and what scikit-learn, scipy, sacrebleu, rouge-score and seqeval make of them.

    python metrics.py ../../src/test/resources/evaluation

Each file has a JSON object per line. A figure that is not defined is null. Scores are whole numbers of 4096ths, which fp32
holds exactly.
"""

import gzip
import json
import random
import sys
import warnings
from pathlib import Path

import numpy as np
import sacrebleu
import scipy.optimize
import scipy.special
import scipy.stats
from rouge_score.rouge_scorer import RougeScorer
from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support as entity_scores
from sklearn import metrics

CASES = 240
UNIT = 4096
warnings.filterwarnings("ignore")
target = Path(sys.argv[1])


def write(name, cases):
    assert len(cases) >= 200, name
    lines = "".join(json.dumps(case, separators=(",", ":"), ensure_ascii=False) + "\n" for case in cases)
    with open(target / name, "wb") as file:
        file.write(gzip.compress(lines.encode(), mtime=0))


def number(x):
    """null in place of what is not a number."""
    return None if x is None or not np.isfinite(x) else float(x)


def mean(values):
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def ranked(wanted, scores):
    """ROC-AUC needs examples with the label and without it; average precision only those with it."""
    if not wanted.any():
        return None, None
    auc = None if wanted.all() else number(metrics.roc_auc_score(wanted, scores))
    return auc, number(metrics.average_precision_score(wanted, scores))


def best_f1(wanted, scores):
    if not wanted.any():
        return None
    precision, recall, _ = metrics.precision_recall_curve(wanted, scores)
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(2 * precision * recall / (precision + recall)))


def curve(wanted, scores):
    """Precision and recall at each threshold of precision_recall_curve, the highest first."""
    if not wanted.any():
        return None
    precision, recall, thresholds = metrics.precision_recall_curve(wanted, scores)
    return [[float(t), float(p), float(r)] for t, p, r in zip(thresholds, precision, recall)][::-1]


def calibration_error(confidence, right):
    """Guo et al., 2017, with 15 bins that contain their upper border."""
    bins = np.digitize(confidence, np.linspace(0, 1, 16)[1:-1], right=True)
    error = 0.0
    for b in range(15):
        inside = bins == b
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)


def temperature(logits, wanted):
    """The temperature with the least cross-entropy, or null outside of 0.05 to 20. logits: [rows, labels]."""

    def slope(beta):
        p = scipy.special.softmax(beta * logits, axis=1)
        return float(np.mean((p * logits).sum(1) - logits[np.arange(len(wanted)), wanted]))

    low, high = slope(1 / 20), slope(20)
    if low > 0 or high < 0 or abs(low - high) < 1e-12:
        return None
    return 1 / scipy.optimize.brentq(slope, 1 / 20, 20, xtol=1e-15, rtol=1e-14)


def averages(true, found, labels):
    """As scikit-learn does by default, macro and weighted count a label's undefined figure as 0."""
    result = {}
    for kind in ["macro", "micro", "weighted"]:
        undefined = np.nan if kind == "micro" else 0
        p, r, f, _ = metrics.precision_recall_fscore_support(true, found, average=kind, zero_division=undefined, labels=labels)
        result[kind] = [number(p), number(r), number(f)]
    if not np.asarray(true).any() and np.ndim(true) == 2:
        result["weighted"] = [None, None, None]  # nothing has a weight
    return result


def by_label(true, found, labels):
    p, r, f, n = metrics.precision_recall_fscore_support(true, found, zero_division=np.nan, labels=labels)
    return [[number(a), number(b), number(c), int(d)] for a, b, c, d in zip(p, r, f, n)]


def classification(i):
    rng = np.random.default_rng(1000 + i)
    count, rows = int(rng.integers(2, 7)), int(rng.integers(1, 45))
    expected = rng.integers(0, count, rows)
    if i % 10 == 3:
        expected[:] = rng.integers(0, count)  # all rows have the same label
    elif i % 10 == 4:
        expected[expected == count - 1] = 0  # a label without rows
    coarse = 8 if i % 3 == 0 else UNIT  # eighths: many equal scores
    weights = rng.dirichlet(np.full(count, 0.7), rows)
    weights[np.arange(rows), expected] += rng.uniform(0, 1.2)
    units = np.array([rng.multinomial(coarse, w / w.sum()) for w in weights]) * (UNIT // coarse)
    scores = units / UNIT
    found = scores.argmax(1)
    labels = list(range(count))
    ranks = [ranked(expected == k, scores[:, k]) for k in labels]
    aucs, precisions = [a for a, _ in ranks], [p for _, p in ranks]
    if len(set(expected)) == count > 2:
        together = metrics.roc_auc_score(expected, scores, multi_class="ovr", average="macro", labels=labels)
        assert abs(together - mean(aucs)) < 1e-12
    hot = np.eye(count)[expected]
    brier = ((scores - hot) ** 2).sum(1).mean() / (2 if count == 2 else 1)
    assert abs(brier - metrics.brier_score_loss(expected, scores if count > 2 else scores[:, 1], labels=labels)) < 1e-12
    constant = len(set(expected)) == 1 or len(set(found)) == 1
    logits = np.log(np.maximum(scores, np.finfo(np.float32).tiny))
    occurring = sorted(set(expected) | set(found))
    return {
        "labels": count,
        "expected": expected.tolist(),
        "scores": units.tolist(),
        "accuracy": float(metrics.accuracy_score(expected, found)),
        "f1_macro": float(metrics.f1_score(expected, found, average="macro")),
        "matthews_correlation": None if constant else float(metrics.matthews_corrcoef(expected, found)),
        "averages": averages(expected, found, occurring),
        "by_label": by_label(expected, found, labels),
        "confusion": metrics.confusion_matrix(expected, found, labels=labels).tolist(),
        "roc_auc": aucs,
        "average_precision": precisions,
        "roc_auc_macro": mean(aucs),
        "average_precision_macro": mean(precisions),
        "best_f1": [best_f1(expected == k, scores[:, k]) for k in labels],
        "curve": curve(expected == 0, scores[:, 0]),
        "ece": calibration_error(scores.max(1), found == expected),
        "brier": float(brier),
        "temperature": temperature(logits, expected),
    }


def multi_label(i):
    rng = np.random.default_rng(5000 + i)
    count, rows = int(rng.integers(2, 6)), int(rng.integers(1, 40))
    expected = rng.random((rows, count)) < rng.uniform(0.1, 0.6)
    if i % 10 == 3:
        expected[:, 0] = False
    elif i % 10 == 4:
        expected[:, 0] = True
    coarse = 8 if i % 3 == 0 else UNIT
    units = np.clip(np.round((rng.beta(0.8, 1.2, (rows, count)) + expected * rng.uniform(0, 0.7)) / 1.7 * coarse), 0, coarse)
    units = units.astype(int) * (UNIT // coarse)
    scores = units / UNIT
    found = scores > 0.5
    # scikit-learn would read a single column as labels of one each, so it gets them one by one.
    labels = [by_label(expected[:, k], found[:, k], [True])[0] for k in range(count)]
    right, predicted, support = (expected & found).sum(), found.sum(), expected.sum()
    ranks = [ranked(expected[:, k], scores[:, k]) for k in range(count)]
    return {
        "labels": count,
        "expected": expected.astype(int).tolist(),
        "scores": units.tolist(),
        "accuracy": float(metrics.accuracy_score(expected, found)),
        "f1_micro": float(metrics.f1_score(expected, found, average="micro", zero_division=0)),
        "f1_macro": float(metrics.f1_score(expected, found, average="macro", zero_division=0)),
        "averages": averages(expected, found, list(range(count))),
        "by_label": labels,
        "roc_auc": [a for a, _ in ranks],
        "average_precision": [p for _, p in ranks],
        "roc_auc_macro": mean([a for a, _ in ranks]),
        "average_precision_macro": mean([p for _, p in ranks]),
        "best_f1": [best_f1(expected[:, k], scores[:, k]) for k in range(count)],
        "ece": calibration_error(scores.flatten(), expected.flatten()),
        "brier": float(metrics.brier_score_loss(expected.flatten(), scores.flatten(), labels=[False, True])),
    }


def regression(i):
    rng = np.random.default_rng(9000 + i)
    rows = int(rng.integers(2, 60))
    expected = np.round(rng.normal(rng.uniform(-5, 5), rng.uniform(0.1, 10), rows), 1 if i % 2 else 3)
    found = np.float32(np.round(expected * rng.uniform(-0.2, 1) + rng.normal(0, 2, rows), 1 if i % 2 else 3))
    if i % 20 == 7:
        found[:] = found[0]
    if i % 20 == 9:
        expected[:] = expected[0]
    found = found.astype(float)
    constant, flat = len(set(expected)) == 1, len(set(found)) == 1
    error = found - expected
    quantiles = np.quantile(error, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
    return {
        "expected": expected.tolist(),
        "predicted": [float(x) for x in found],
        "mse": float(metrics.mean_squared_error(expected, found)),
        "rmse": float(metrics.root_mean_squared_error(expected, found)),
        "mae": float(metrics.mean_absolute_error(expected, found)),
        "r2": None if constant else float(metrics.r2_score(expected, found)),
        "pearson": None if constant or flat else float(scipy.stats.pearsonr(expected, found).statistic),
        "spearman": None if constant or flat else float(scipy.stats.spearmanr(expected, found).statistic),
        "mean": float(error.mean()),
        "deviation": float(error.std(ddof=1)),
        "quantiles": quantiles.tolist(),
    }


WORDS = "the a cat dog sat on mat the quick brown fox jumps over lazy dog Paris is capital of France 42 3.14 don't".split()
OTHERS = ["Straße", "naïve", "返品", "したい", "😀👍", "été", "x=1;", "(ok)", "--", "…", "ÅNGSTRÖM", "a_b", "e\u0301"]


def texts(i):
    random.seed(20_000 + i)
    pairs = []
    for _ in range(random.randint(1, 4)):
        pool = WORDS if i % 3 else WORDS + OTHERS
        reference = random.choices(pool, k=random.randint(0 if i % 5 == 0 else 1, 14))
        answer = [random.choice(pool) if random.random() < 0.3 else word for word in reference if random.random() < 0.85]
        if random.random() < 0.2:
            answer = reference
        if random.random() < 0.08:
            answer = []
        join = random.choice([" ", "  ", "\n", "\u3000"]) if i % 4 == 0 else " "
        pairs.append([" ".join(reference), join.join(answer)])
    rouge = RougeScorer(["rougeL"], use_stemmer=False)
    scores = [rouge.score(reference, answer)["rougeL"] for reference, answer in pairs]
    words = [bool([c for c in reference.lower() if c in "abcdefghijklmnopqrstuvwxyz0123456789"]) for reference, _ in pairs]
    characters = any("".join(reference.split()) for reference, _ in pairs)
    chrf = sacrebleu.corpus_chrf([a for _, a in pairs], [[r for r, _ in pairs]]).score
    return {
        "pairs": pairs,
        "rouge_l": [
            [s.precision, s.recall, s.fmeasure] if has else None for s, has in zip(scores, words)
        ],
        "chrf": chrf if characters else None,
        "exact_match": sum(reference.strip() == answer.strip() for reference, answer in pairs) / len(pairs),
    }


TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"]


def partial_credit(expected, found):
    """The greatest credit of any one-to-one assignment: 1 for the same words, 1/2 for words in common; types must agree."""
    if not expected or not found:
        return 0.0
    credit = np.zeros((len(expected), len(found)))
    for a, (kind, start, end) in enumerate(expected):
        for b, (other, from_, to) in enumerate(found):
            if kind == other and start <= to and from_ <= end:
                credit[a, b] = 1 if (start, end) == (from_, to) else 0.5
    return float(credit[scipy.optimize.linear_sum_assignment(credit, maximize=True)].sum())


def ratio(part, whole):
    return part / whole if whole else None


def harmonic(credit, found, expected):
    return 2 * credit / (found + expected) if found + expected else None


def entities(i):
    random.seed(40_000 + i)
    expected, predicted = [], []
    for _ in range(random.randint(1, 6)):
        tags = []
        while len(tags) < random.randint(1, 18):
            kind = 0 if i % 12 == 5 else random.randrange(4)
            tags += [0] if kind == 0 else [2 * kind - 1] + [2 * kind] * random.randint(0, 3)
        expected.append(tags)
        noise = random.choice([0.1, 0.3, 0.5])
        predicted.append([random.randrange(len(TAGS)) if random.random() < noise else tag for tag in tags])
    names = lambda sequences: [[TAGS[tag] for tag in tags] for tags in sequences]
    true, found = names(expected), names(predicted)
    pairs = [(get_entities(t), get_entities(f)) for t, f in zip(true, found)]
    types = sorted({kind for pair in pairs for part in pair for kind, _, _ in part})
    if types:
        p, r, f, n = entity_scores(true, found, average=None)
        strict = [
            [t, *(number(x) for x in row)]
            for t, row in zip(types, zip(p, r, f, n))
        ]
    else:
        strict = []
    by_type = []
    for kind in types:
        mine = [([e for e in a if e[0] == kind], [e for e in b if e[0] == kind]) for a, b in pairs]
        credit = sum(partial_credit(a, b) for a, b in mine)
        wanted, got = sum(len(a) for a, _ in mine), sum(len(b) for _, b in mine)
        by_type.append([kind, ratio(credit, got), ratio(credit, wanted), harmonic(credit, got, wanted)])
    credit = sum(partial_credit(a, b) for a, b in pairs)
    wanted, got = sum(len(a) for a, _ in pairs), sum(len(b) for _, b in pairs)
    return {
        "tags": TAGS,
        "expected": expected,
        "predicted": predicted,
        "strict": strict,
        "partial": [ratio(credit, got), ratio(credit, wanted), harmonic(credit, got, wanted)],
        "partial_by_type": by_type,
    }


def mcnemar(i):
    rng = np.random.default_rng(70_000 + i)
    scale = [5, 40, 400, 3000][i % 4]
    only_first, only_second = (int(x) for x in rng.integers(0, scale, 2))
    if i % 4 == 3:
        only_second = int(only_first * rng.uniform(0.9, 1.1))
    trials = only_first + only_second
    p = scipy.stats.binomtest(min(only_first, only_second), trials, 0.5).pvalue if trials else 1.0
    return {"only_first": only_first, "only_second": only_second, "p_value": float(p)}


write("classification.jsonl.gz", [classification(i) for i in range(CASES)])
write("multi_label.jsonl.gz", [multi_label(i) for i in range(CASES)])
write("regression.jsonl.gz", [regression(i) for i in range(CASES)])
write("texts.jsonl.gz", [texts(i) for i in range(CASES)])
write("partial_entities.jsonl.gz", [entities(i) for i in range(CASES)])
write("mcnemar.jsonl.gz", [mcnemar(i) for i in range(CASES)])
