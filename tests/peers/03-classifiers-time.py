"""Times faiss, scikit-learn, LIBLINEAR and LightGBM on the jobs of chapter 3's benches, on two threads.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/03-classifiers-time.py

A job is called as its bench, with who did it behind a stroke. All get pixels as 32-bit numbers in one piece, on [0, 1], unless a job
says otherwise. Where a program can do a job in several ways, each way is timed, and the page compares with the fastest:

- faiss multiplies matrices of 32-bit numbers, or (`-bytes`) compares bytes one pair at a time, exactly as we do;
- LIBLINEAR fits the classes one after another, or (`-two-threads`) five on each thread: a hundred passes, as ours. Its other method, which
  looks for the planes themselves, is a job of its own, in both ways: it goes on until it is content, and ends lower;
- LightGBM's forest has a tree for each class in each of a hundred rounds, and draws features for a tree and not for a node.

Each job has a process of its own, so that one program's idle threads are not in another's way. A job is run once to warm up and
three times; what takes more than twenty seconds is run twice without a warm-up. The median is written, of two the smaller one. Beside the
seconds stand what was reached: the objective of what minimises one, over the samples of the fit, and the answers to the 10,000 test
garments, a digit each, so that ours can be compared garment by garment.
"""

import gzip
import json
import os
import platform
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

THREADS = 2
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(THREADS)
# A kernel that somebody chose for all programs is not the fastest one for these.
for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)

import numpy as np

FOLDER = Path(__file__).parents[2] / "data/fashion-mnist"
SLOW = 20.0
FEW = 10_000
JOBS = {}


def idx(name, offset):
    return np.frombuffer(gzip.open(FOLDER / f"{name}-ubyte.gz").read(), np.uint8, offset=offset)


def images(part):
    return idx(f"{part}-images-idx3", 16).reshape(-1, 784)


class Data:
    """Training garments, test garments, as bytes and on [0, 1]."""

    def __init__(self):
        self.bytes, self.new_bytes = images("train"), images("t10k")
        self.x, self.new = ((b / 255).astype(np.float32) for b in (self.bytes, self.new_bytes))
        self.y = idx("train-labels-idx1", 8).copy()


def job(name):
    """A function of the data that gives the timed work, and what looks at the work's result."""

    def register(function):
        JOBS[name] = function
        return function

    return register


def answers(labels):
    return {"answers": "".join(str(label) for label in labels)}


# --- neighbours ---------------------------------------------------------------------------


def faiss_votes(index, data, new):
    near = index.search(new, 5)[1]
    return (data.y[near][:, :, None] == np.arange(10)).sum(1).argmax(1)


@job("knn_predict_10k_of_60k/faiss")
def _(data):
    import faiss

    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexFlatL2(784)
    index.add(data.x)
    return lambda: faiss_votes(index, data, data.new), answers


@job("knn_predict_10k_of_60k/faiss-bytes")
def _(data):
    import faiss

    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexScalarQuantizer(784, faiss.ScalarQuantizer.QT_8bit_direct, faiss.METRIC_L2)
    whole, new = data.bytes.astype(np.float32), data.new_bytes.astype(np.float32)
    index.train(whole)
    index.add(whole)
    return lambda: faiss_votes(index, data, new), answers


@job("knn_predict_10k_of_60k/scikit-learn")
def _(data):
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(5, algorithm="brute", n_jobs=THREADS).fit(data.x, data.y)
    return lambda: model.predict(data.new), answers


# --- linear models ------------------------------------------------------------------------


@job("logreg_fit_60k/scikit-learn")
def _(data):
    from sklearn.linear_model import LogisticRegression

    def reached(model):
        """The mean cross-entropy and the penalty, in 64 bits."""
        z = data.x.astype(np.float64) @ model.coef_.T.astype(np.float64) + model.intercept_
        z -= z.max(1, keepdims=True)
        losses = np.log(np.exp(z).sum(1)) - z[np.arange(len(data.y)), data.y]
        penalty = (model.coef_.astype(np.float64) ** 2).sum() / (2 * len(data.y))
        return {"objective": float(losses.mean() + penalty)} | answers(model.predict(data.new))

    return lambda: LogisticRegression(solver="lbfgs", max_iter=50, C=1.0).fit(data.x, data.y), reached


def planes(data, weights, intercepts):
    """The sum over the classes of what LIBLINEAR makes small, and the answers."""
    x, y = data.x[:FEW].astype(np.float64), data.y[:FEW]
    total = 0.0
    for label, (w, b) in enumerate(zip(weights, intercepts)):
        margins = np.where(y == label, 1.0, -1.0) * (x @ w + b)
        total += 0.5 * (w @ w + b * b) + (np.maximum(0, 1 - margins) ** 2).sum()
    return {"objective": float(total)} | answers((data.new @ np.transpose(weights) + intercepts).argmax(1))


def machine(data, **settings):
    """All ten classes in one call: one thread. LIBLINEAR computes in 64 bits, so it is given them."""
    from sklearn.svm import LinearSVC

    x, y = data.x[:FEW].astype(np.float64), data.y[:FEW]
    fit = lambda: LinearSVC(C=1.0, random_state=0, **settings).fit(x, y)
    return fit, lambda model: planes(data, model.coef_, model.intercept_)


@job("linear_svm_fit_10k/LIBLINEAR")
def _(data):
    return machine(data, dual=True, max_iter=100)


@job("linear_svm_primal_10k/LIBLINEAR")
def _(data):
    return machine(data, dual=False, tol=1e-2)


def machines(data, **settings):
    """A class in each call, five on each thread."""
    from sklearn.svm import LinearSVC

    x, y = data.x[:FEW].astype(np.float64), data.y[:FEW]
    one = lambda label: LinearSVC(C=1.0, random_state=0, **settings).fit(x, y == label)

    def fit():
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, range(10)))

    return fit, lambda all: planes(data, [m.coef_[0] for m in all], [m.intercept_[0] for m in all])


@job("linear_svm_fit_10k/LIBLINEAR-two-threads")
def _(data):
    return machines(data, dual=True, max_iter=100)


@job("linear_svm_primal_10k/LIBLINEAR-two-threads")
def _(data):
    return machines(data, dual=False, tol=1e-2)


# --- trees --------------------------------------------------------------------------------


@job("random_forest_fit_60k/scikit-learn")
def _(data):
    from sklearn.ensemble import RandomForestClassifier

    fit = lambda: RandomForestClassifier(100, n_jobs=THREADS, random_state=0).fit(data.x, data.y)
    return fit, lambda model: answers(model.predict(data.new))


@job("random_forest_fit_60k/LightGBM")
def _(data):
    import lightgbm

    settings = {
        "boosting_type": "rf", "n_estimators": 100, "bagging_freq": 1, "bagging_fraction": 0.632, "feature_fraction": 28 / 784,
        "num_leaves": 255, "force_row_wise": True, "n_jobs": THREADS, "verbose": -1, "random_state": 0,
    }
    fit = lambda: lightgbm.LGBMClassifier(**settings).fit(data.x, data.y)
    return fit, lambda model: answers(model.predict(data.new))


@job("boosting_fit_10k/scikit-learn")
def _(data):
    from sklearn.ensemble import HistGradientBoostingClassifier

    settings = {"max_iter": 20, "learning_rate": 0.1, "max_leaf_nodes": 31, "l2_regularization": 1.0, "early_stopping": False}
    fit = lambda: HistGradientBoostingClassifier(**settings).fit(data.x[:FEW], data.y[:FEW])
    return fit, lambda model: answers(model.predict(data.new))


@job("boosting_fit_10k/LightGBM")
def _(data):
    import lightgbm

    settings = {
        "n_estimators": 20, "learning_rate": 0.1, "num_leaves": 31, "reg_lambda": 1.0, "force_col_wise": True, "n_jobs": THREADS,
        "verbose": -1, "random_state": 0,
    }
    fit = lambda: lightgbm.LGBMClassifier(**settings).fit(data.x[:FEW], data.y[:FEW])
    return fit, lambda model: answers(model.predict(data.new))


def measure(name):
    """Seconds of a job, and what it reached."""
    warnings.simplefilter("ignore")
    work, reached = JOBS[name](Data())
    taken, result = [], None
    for _ in range(4):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
        if taken[0] > SLOW and len(taken) == 2:
            return {"seconds": round(min(taken), 4)} | reached(result)
    return {"seconds": round(sorted(taken[1:])[1], 4)} | reached(result)


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main():
    found = {}
    for name in JOBS:
        command = [sys.executable, __file__, name]
        found[name] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        print(name, found[name]["seconds"], found[name].get("objective", ""), file=sys.stderr)
    packages = ("numpy", "scikit-learn", "faiss-cpu", "lightgbm")
    of = lambda what: {name: one[what] for name, one in found.items() if what in one}
    report = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "processor": processor(),
        "threads": THREADS,
        "versions": {name: version(name) for name in packages},
        "seconds": of("seconds"),
        "objectives": of("objective"),
        "answers": of("answers"),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(measure(sys.argv[1])))
    else:
        main()
