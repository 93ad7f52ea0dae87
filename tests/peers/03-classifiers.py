"""Writes 03-classifiers.json: what scikit-learn and LIBLINEAR say of small problems.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/03-classifiers.py

Objectives are computed here, in 64 bits, from the weights that each program returns; how it reached them does not matter.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import sklearn
from liblinear.liblinearutil import parameter, problem, train
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

rng = np.random.default_rng(3)


def samples(n, m, d, k, dead=False):
    """n samples to learn from and m to be asked about, around k centres; the first k have every class."""
    y = rng.integers(0, k, n + m)
    y[:k] = np.arange(k)
    x = (rng.normal(size=(n + m, d)) + 1.2 * rng.normal(size=(k, d))[y]) * rng.uniform(0.3, 2, d)
    if dead:
        x[:, 1] = 0.25
    return x.astype(np.float32).astype(np.float64), y


def softmax(n, m, d, k, c):
    x, y = samples(n, m, d, k)
    # For two classes scikit-learn has one row of weights, the difference of ours. Two rows of half of it cost half as much.
    theirs = c if k > 2 else 2 * c
    model = LogisticRegression(C=theirs, tol=1e-12, max_iter=100_000).fit(x[:n], y[:n])
    p = model.predict_proba(x)
    loss = -np.log(p[np.arange(n), y[:n]]).mean() + (model.coef_**2).sum() / (2 * theirs * n)
    return {"x": x.tolist(), "y": y.tolist(), "train": n, "c": c, "objective": loss, "probabilities": p[n:].tolist()}


def svm_objective(w, x, sign, c):
    """With the intercept as one more weight, which is regularised like the others."""
    ones = np.hstack([x, np.ones((len(x), 1))])
    return 0.5 * w @ w + c * (np.maximum(0, 1 - sign * (ones @ w)) ** 2).sum()


def svm(n, m, d, k, c):
    x, y = samples(n, m, d, k)
    model = LinearSVC(C=c, tol=1e-10, max_iter=1_000_000, dual=True, random_state=0).fit(x[:n], y[:n])
    if k == 2:  # scikit-learn fits two classes once, with the second as the positive one
        model.coef_ = np.vstack([-model.coef_, model.coef_])
        model.intercept_ = np.append(-model.intercept_, model.intercept_)
    ours, theirs = [], []
    for label in range(k):
        sign = np.where(y[:n] == label, 1.0, -1.0)
        w = np.append(model.coef_[label], model.intercept_[label])
        ours.append(svm_objective(w, x[:n], sign, c))
        other = train(problem(sign, x[:n]), parameter(f"-s 1 -c {c} -B 1 -e 1e-10 -q"))
        weights, bias = other.get_decfun()
        # LIBLINEAR calls the first sign that it meets the positive one; get_decfun knows.
        theirs.append(svm_objective(np.append(weights, bias) * other.get_labels()[0], x[:n], sign, c))
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "train": n,
        "c": c,
        "objectives": ours,
        "liblinear": theirs,
        "decisions": (x[n:] @ model.coef_.T + model.intercept_).tolist(),
        "free_intercept": free_intercept(x[:n], np.where(y[:n] == 0, 1.0, -1.0), c),
    }


def free_intercept(x, sign, c):
    """The intercept of class 0 when its share of the penalty fades: intercept_scaling ten."""
    fits = [
        LinearSVC(C=c, tol=1e-7, max_iter=1_000_000, dual=False, random_state=0, intercept_scaling=s).fit(x, sign)
        for s in (1.0, 10.0)
    ]
    return [float(fit.intercept_[0]) for fit in fits]


def naive_bayes(n, m, d, k, dead):
    x, y = samples(n, m, d, k, dead)
    model = GaussianNB().fit(x[:n], y[:n])
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "train": n,
        "means": model.theta_.tolist(),
        "variances": model.var_.tolist(),
        "probabilities": model.predict_proba(x[n:]).tolist(),
    }


def neighbours(n, m, d, k, byte):
    if byte:
        y = rng.integers(0, k, n + m)
        x = np.clip(rng.normal(128, 60, (k, d))[y] + rng.normal(0, 50, (n + m, d)), 0, 255).round()
    else:
        x, y = samples(n, m, d, k)
    model = KNeighborsClassifier(5, algorithm="brute").fit(x[:n], y[:n])
    distances, _ = model.kneighbors(x[n:])
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "train": n,
        "distances": distances.tolist(),
        "probabilities": model.predict_proba(x[n:]).tolist(),
        "predicted": model.predict(x[n:]).tolist(),
    }


fixture = {
    "versions": {"scikit-learn": sklearn.__version__, "liblinear-official": version("liblinear-official")},
    "softmax": [softmax(90, 20, 6, 4, 1.0), softmax(20, 10, 30, 3, 0.1), softmax(60, 10, 4, 2, 10.0)],
    "svm": [svm(90, 20, 6, 4, 1.0), svm(20, 10, 30, 3, 0.1), svm(60, 10, 4, 2, 10.0)],
    "naive_bayes": [naive_bayes(90, 20, 6, 4, False), naive_bayes(60, 15, 5, 3, True)],
    "neighbours": [neighbours(120, 20, 7, 3, False), neighbours(150, 25, 19, 4, True)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(fixture) + "\n")
