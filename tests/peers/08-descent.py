"""Writes 08-descent.json: what NumPy, scikit-learn and the package mnist1d say of the pieces of chapter 8's second half.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/08-descent.py

- `ridge`: weights of least squares, of least norm by `numpy.linalg.lstsq` and with a ridge by `sklearn.linear_model.Ridge`, and
  the smallest singular values;
- `mnist1d`: what the package makes of a few templates, with all that it drew on the way, and moments of 5,000 of its signals;
- `spectrum`: powers by `numpy.fft.rfft`;
- `stretch`: largest singular values; `kendall`: SciPy's rank correlation, which is ours where nothing is tied.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.stats
from mnist1d import data as mnist1d
from mnist1d.transform import transform
from sklearn.linear_model import Ridge

rng = np.random.default_rng(8)


# ANCHOR: ridge
def least_squares(x, y, ridge):
    if ridge == 0:
        return np.linalg.lstsq(x, y, rcond=None)[0]
    return Ridge(alpha=ridge, fit_intercept=False, solver="svd").fit(x, y).coef_.T
# ANCHOR_END: ridge


def problem(n, features):
    x, y = rng.normal(size=(n, features)), rng.normal(size=(n, 2))
    ridges = [0.0, 0.01, 1.0]
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "ridges": ridges,
        "weights": [least_squares(x, y, ridge).tolist() for ridge in ridges],
        "smallest": float(np.linalg.svd(x, compute_uv=False)[-1]),
    }


class Recorded:
    """numpy.random with a memory: what the package draws, in its order."""

    def __init__(self):
        self.drawn = []

    def __enter__(self):
        self.kept = {name: getattr(np.random, name) for name in ("rand", "randn", "choice")}
        for name, function in self.kept.items():
            setattr(np.random, name, self.remember(function))
        return self

    def __exit__(self, *_):
        for name, function in self.kept.items():
            setattr(np.random, name, function)

    def remember(self, function):
        def draw(*args):
            drawn = function(*args)
            self.drawn.append(np.asarray(drawn).tolist())
            return drawn

        return draw


def signal(label):
    args, templates = mnist1d.get_dataset_args(), mnist1d.get_templates()
    with Recorded() as recorded:
        x, _ = transform(templates["x"][label], templates["t"], args)
    padding, scale, shift, correlated, white, shear = recorded.drawn
    low, high = args.padding
    return {
        "label": label,
        "padding": low + int(padding * (high - low + 1)),
        "scale": scale,
        "shift": shift,
        "correlated": correlated,
        "white": white,
        "shear": shear,
        "signal": x.tolist(),
    }


def moments():
    """Of signals before they are shuffled and scaled, as make_dataset draws them."""
    args, templates = mnist1d.get_dataset_args(), mnist1d.get_templates()
    np.random.seed(args.seed)
    of_class = args.num_samples // 10
    signals = np.array([
        [transform(x, templates["t"], args)[0] for _ in range(of_class)] for x in templates["x"]
    ])
    return {
        "signals": args.num_samples,
        "mean": float(signals.mean()),
        "deviation": float(signals.std()),
        "means": signals.mean(1).tolist(),
        "deviations": signals.std(1).tolist(),
    }


def spectrum(p):
    x = rng.normal(size=p)
    return {"x": x.tolist(), "power": (np.abs(np.fft.rfft(x)) ** 2).tolist()}


def stretch(rows, columns):
    w = rng.normal(size=(rows, columns)).astype(np.float32)
    return {"shape": [rows, columns], "w": w.flatten().tolist(), "largest": float(np.linalg.norm(w.astype(float), 2))}


def kendall(n):
    a = rng.normal(size=n)
    b = a + rng.normal(size=n)
    return {"a": a.tolist(), "b": b.tolist(), "tau": float(scipy.stats.kendalltau(a, b)[0])}


np.random.seed(8)
record = {
    "versions": {name: version(name) for name in ("numpy", "scipy", "scikit-learn", "mnist1d")},
    "ridge": [problem(12, 5), problem(12, 12), problem(12, 30)],
    "templates": mnist1d.get_templates()["x"].tolist(),
    "mnist1d": [signal(label) for label in (0, 3, 4, 7, 9)],
    "moments": moments(),
    "spectrum": [spectrum(31), spectrum(47), spectrum(8)],
    "stretch": [stretch(7, 4), stretch(10, 40)],
    "kendall": [kendall(9), kendall(40)],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(record).replace("}, ", "},\n") + "\n")
