"""Writes 10-representation-alike.json: what NumPy and scikit-learn say of probes and of centred kernel alignment.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation-alike.py

- `cka`: for some pairs of features, linear CKA by the centring matrix and its traces (Gretton and others, 2005; Kornblith and others,
  2019), by products of features, and by the unbiased estimate of Song and others (2012), from Gram matrices that nobody has centred;
- `probes`: what `StandardScaler` and `Ridge` with an intercept say of other samples, and the share of the variance by `r2_score`.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(10)


def numbers(*shape):
    """Numbers that 32 bits hold exactly."""
    return rng.normal(size=shape).astype(np.float32).astype(np.float64)


# ANCHOR: cka
def biased(k, l):
    """The Hilbert-Schmidt independence criterion by the centring matrix."""
    n = len(k)
    h = np.eye(n) - np.ones((n, n)) / n
    return np.trace(k @ h @ l @ h) / (n - 1) ** 2


def unbiased(k, l):
    """The same without a bias: the diagonals are nought, nothing is centred."""
    n, one = len(k), np.ones(len(k))
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    first = np.trace(k @ l)
    second = (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2))
    third = 2 / (n - 2) * (one @ k @ l @ one)
    return (first + second - third) / (n * (n - 3))


def alignment(hsic, x, y):
    k, l = x @ x.T, y @ y.T
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))
# ANCHOR_END: cka


def by_features(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return np.linalg.norm(x.T @ y) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def pair(n, d1, d2, share):
    """Features that have a part in common, and means that are not nought."""
    x = numbers(n, d1)
    y = np.float64(np.float32(share * x[:, :1] @ numbers(1, d2) + numbers(n, d2) + 3))
    found = {
        "biased": alignment(biased, x, y),
        "features": by_features(x, y),
        "unbiased": alignment(unbiased, x, y),
    }
    return {"x": x.tolist(), "y": y.tolist(), **{key: float(value) for key, value in found.items()}}


def probe(n, m, d, k, ridge):
    x, other = 2 * numbers(n, d) + 1, 2 * numbers(m, d) + 1
    y, truth = numbers(n, k), numbers(m, k)
    scale = StandardScaler().fit(x)
    said = Ridge(alpha=ridge, solver="svd").fit(scale.transform(x), y).predict(scale.transform(other))
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "other": other.tolist(),
        "truth": truth.tolist(),
        "ridge": ridge,
        "said": said.tolist(),
        "explained": float(r2_score(truth, said, multioutput="variance_weighted")),
    }


answer = {
    "versions": {name: version(name) for name in ["numpy", "scikit-learn"]},
    "cka": [pair(4, 2, 3, 1.0), pair(7, 3, 5, 1.0), pair(12, 20, 4, 2.0), pair(30, 2, 2, 0.0)],
    "probes": [probe(9, 4, 3, 2, 0.5), probe(6, 5, 10, 3, 2.0)],
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(answer).replace("}, ", "},\n") + "\n", encoding="utf-8")
