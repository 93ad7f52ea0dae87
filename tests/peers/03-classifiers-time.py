"""Times scikit-learn, faiss and LIBLINEAR on the jobs of chapter 3's bench, on two threads.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/03-classifiers-time.py

All get pixels on [0, 1] as 32-bit numbers. `linear_svm_fit_10k` also says which objective was reached, so that the bench can be held
to it. Each job is run once to warm up, where that takes less than a minute, and three times; the median is written.
"""

import gzip
import json
import os
import platform
import time
import warnings
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

THREADS = 2
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

import faiss
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

warnings.simplefilter("ignore")
faiss.omp_set_num_threads(THREADS)
FOLDER = Path(__file__).parents[2] / "data/fashion-mnist"


def idx(name, offset):
    return np.frombuffer(gzip.open(FOLDER / f"{name}-ubyte.gz").read(), np.uint8, offset=offset)


def images(part):
    return (idx(f"{part}-images-idx3", 16).reshape(-1, 784) / 255).astype(np.float32)


X, Y = images("train"), idx("train-labels-idx1", 8).copy()
NEW = images("t10k")


def median(job, times=3):
    job()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return round(sorted(taken)[times // 2], 4)


def knn_scikit_learn():
    model = KNeighborsClassifier(5, algorithm="brute", n_jobs=THREADS).fit(X, Y)
    return lambda: model.predict(NEW)


def knn_faiss():
    index = faiss.IndexFlatL2(784)
    index.add(X)
    return lambda: np.array([np.bincount(row).argmax() for row in Y[index.search(NEW, 5)[1]]])


def logreg(iterations=50):
    return lambda: LogisticRegression(max_iter=iterations, C=1.0).fit(X, Y)


def svm():
    x, y = X[:10_000].astype(np.float64), Y[:10_000]
    return lambda: LinearSVC(C=1.0, dual=True, max_iter=100, random_state=0).fit(x, y)


def svm_objective():
    x, y = X[:10_000].astype(np.float64), Y[:10_000]
    model = LinearSVC(C=1.0, dual=True, max_iter=100, random_state=0).fit(x, y)
    total = 0.0
    for label in range(10):
        sign = np.where(y == label, 1.0, -1.0)
        w, b = model.coef_[label], model.intercept_[label]
        total += 0.5 * (w @ w + b * b) + (np.maximum(0, 1 - sign * (x @ w + b)) ** 2).sum()
    return total


def logreg_objective():
    model = LogisticRegression(max_iter=50, C=1.0).fit(X, Y)
    p = model.predict_proba(X)
    return float(-np.log(p[np.arange(len(Y)), Y]).mean() + (model.coef_**2).sum() / (2 * len(Y)))


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


jobs = {
    "knn_predict_10k_of_60k/scikit-learn": knn_scikit_learn(),
    "knn_predict_10k_of_60k/faiss": knn_faiss(),
    "logreg_fit_60k/scikit-learn": logreg(),
    "linear_svm_fit_10k/scikit-learn": svm(),
}
packages = ("numpy", "scikit-learn", "faiss-cpu")
report = {
    "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "processor": processor(),
    "threads": THREADS,
    "versions": {name: version(name) for name in packages},
    "objectives": {"linear_svm_fit_10k": svm_objective(), "logreg_fit_60k": logreg_objective()},
    "seconds": {name: median(job) for name, job in jobs.items()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
