"""Writes 01-learning-conventions.json: the rules of chapter 1 by scikit-learn, and the same numbers by other conventions.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/01-learning-conventions.py

What it judges are the predictions, probabilities and rows of 01-learning.json, and Fashion-MNIST.
"""

import gzip
import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest, bootstrap
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_score, recall_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "data" / "fashion-mnist"
FIXTURE = json.loads((HERE / "01-learning.json").read_text())


def garments(part):
    """Rows of 784 pixels on [0, 1] and their labels: "train" or "t10k"."""
    with gzip.open(DATA / f"{part}-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(DATA / f"{part}-labels-idx1-ubyte.gz") as file:
        y = np.frombuffer(file.read(), np.uint8, offset=8)
    return x.astype(np.float32) / 255, y


def answers():
    """What both rules answer for the test garments, a digit a garment."""
    # ANCHOR: rules
    x, y = garments("train")
    new, truth = garments("t10k")
    mean = NearestCentroid().fit(x, y)
    neighbour = KNeighborsClassifier(n_neighbors=1, algorithm="brute").fit(x, y)
    for rule in [mean, neighbour]:
        print(type(rule).__name__, accuracy_score(truth, rule.predict(new)))
    # ANCHOR_END: rules
    digits = lambda rule: "".join(str(label) for label in rule.predict(new))
    return {"nearest-mean": digits(mean), "nearest-neighbour": digits(neighbour)}


def scores(case, zero):
    """Macro F1 as the mean of the classes' F1, and as the F1 of mean precision and mean recall."""
    y, p = case["y"], case["p"]
    labels = range(len(case["confusion"]))
    of = lambda score: score(y, p, labels=labels, average="macro", zero_division=zero)
    precision, recall = of(precision_score), of(recall_score)
    return {"mean-of-f1": of(f1_score), "f1-of-means": 2 * precision * recall / (precision + recall)}


def calibration_errors(case):
    """The error over 10 and 15 bins of one width, and over 10 bins of one size."""
    y, d = np.array(case["y"]), np.array(case["distances"])
    z = np.exp(-(d - d.min(axis=1, keepdims=True)) / case["temperature"])
    q = z / z.sum(axis=1, keepdims=True)
    right, confidence = q.argmax(axis=1) == y, q.max(axis=1)

    def error(edges):
        place = np.searchsorted(edges[1:-1], confidence)
        gaps = [abs((right[place == b] - confidence[place == b]).sum()) for b in range(len(edges) - 1)]
        return sum(gaps) / len(y)

    tenths = np.linspace(0, 1, 11)
    share, mean = calibration_curve(right, confidence, n_bins=10, strategy="uniform")
    counts = np.histogram(confidence, tenths)[0]
    assert np.isclose(error(tenths), (counts[counts > 0] * abs(share - mean)).sum() / len(y))
    return {
        "ten-bins": error(tenths),
        "fifteen-bins": error(np.linspace(0, 1, 16)),
        "ten-of-one-size": error(np.quantile(confidence, np.linspace(0, 1, 11))),
    }


def intervals(right, n):
    """Intervals of 95 per cent for an accuracy of `right` cases of `n`."""
    sample = (np.r_[np.ones(right), np.zeros(n - right)],)
    drawn = lambda method: bootstrap(sample, np.mean, n_resamples=10_000, method=method, rng=np.random.default_rng(1))
    exact = lambda method: binomtest(right, n).proportion_ci(0.95, method)
    found = {
        "percentile": drawn("percentile").confidence_interval,
        "bca": drawn("BCa").confidence_interval,
        "wilson": exact("wilson"),
        "exact": exact("exact"),
    }
    return {name: [float(i.low), float(i.high)] for name, i in found.items()}


def folds(n):
    """Accuracy of the nearest mean over five folds of the first n garments, sorted by class."""
    x, y = (part[:n] for part in garments("train"))
    order = np.argsort(y, kind="stable")
    of = lambda folds: cross_val_score(NearestCentroid(), x[order], y[order], cv=folds).mean()
    return {"in-order": of(KFold(5)), "stratified": of(StratifiedKFold(5)), "shuffled": of(KFold(5, shuffle=True, random_state=1))}


train = np.array(FIXTURE["rules"][0]["x"])[: FIXTURE["rules"][0]["train"]]
record = {
    "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "answers": answers(),
    "macro": scores(FIXTURE["predictions"][1], 0),
    "never-answered": {"zero": scores(FIXTURE["predictions"][2], 0)["mean-of-f1"], "left-out": scores(FIXTURE["predictions"][2], np.nan)["mean-of-f1"]},
    "certain-mistake": log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]]) * 2,
    "calibration": calibration_errors(FIXTURE["probabilities"][0]),
    "deviation": {"n": float(train[:, 1].std()), "n-1": float(train[:, 1].std(ddof=1))},
    "interval": intervals(28, 30),
    "folds": folds(500),
}
if __name__ == "__main__":
    Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n")
