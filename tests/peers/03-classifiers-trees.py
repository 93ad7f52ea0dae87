"""Writes 03-classifiers-trees.json: scikit-learn's trees and forests, and LightGBM's losses.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/03-classifiers-trees.py
"""

import json
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)


def blobs(n, d, k, spread):
    """Rows around a centre for each class."""
    y = rng.integers(0, k, n)
    y[:k] = np.arange(k)
    return rng.normal(size=(k, d))[y] + spread * rng.normal(size=(n, d)), y


def nodes(tree, at=0):
    """Feature, threshold, samples and class shares from the root down, the left side first."""
    share = tree.value[at][0] / tree.value[at][0].sum()
    row = [int(tree.feature[at]), float(tree.threshold[at]), int(tree.n_node_samples[at]), share.tolist()]
    if tree.feature[at] < 0:
        return [row]
    return [row] + nodes(tree, tree.children_left[at]) + nodes(tree, tree.children_right[at])


def tree(n, d, k, **stop):
    """Random real numbers, of which no two are equal. Ten orders of the features must give one tree: no ties."""
    x, y = blobs(n, d, k, 1.0)
    x = x.astype(np.float32)
    fits = [DecisionTreeClassifier(random_state=seed, **stop).fit(x, y) for seed in range(10)]
    trees = [nodes(fit.tree_) for fit in fits]
    assert all(tree == trees[0] for tree in trees), "two splits are equally good"
    return {"x": x.astype(float).tolist(), "y": y.tolist(), "stop": stop, "nodes": trees[0],
            "importance": fits[0].feature_importances_.tolist()}


def forest(n, d, k, trees, seeds):
    """Bytes, and the out-of-bag error of a forest for each seed."""
    x, y = blobs(n, d, k, 2.0)
    x = np.clip(128 + 30 * x, 0, 255).astype(np.uint8)
    fit = lambda seed: RandomForestClassifier(trees, oob_score=True, random_state=seed, n_jobs=2).fit(x, y)
    return {"x": x.tolist(), "y": y.tolist(), "trees": trees, "errors": [1 - fit(seed).oob_score_ for seed in range(seeds)]}


def exhaustive(x, y, rounds, leaves, penalty, curvature):
    """The same boosting with every cut of every feature tried in every node, by sorting: nothing is left out."""
    n, k = len(y), y.max() + 1
    scores = np.tile(np.log(np.bincount(y) / n), (n, 1))
    losses = []

    def best(rows, g, h):
        whole, found = g[rows].sum() ** 2 / (h[rows].sum() + penalty), (0.0, None, 0)
        for feature in range(x.shape[1]):
            order = rows[np.argsort(x[rows, feature], kind="stable")]
            values, gs, hs = x[order, feature], np.cumsum(g[order]), np.cumsum(h[order])
            cuts = np.nonzero(values[:-1] < values[1:])[0]
            if len(cuts) == 0:
                continue
            left, right = hs[cuts], hs[-1] - hs[cuts]
            gain = gs[cuts] ** 2 / (left + penalty) + (gs[-1] - gs[cuts]) ** 2 / (right + penalty) - whole
            gain[(left < curvature) | (right < curvature)] = -1
            if gain.max() > found[0] + 1e-12:
                found = (gain.max(), feature, values[cuts[gain.argmax()]])
        return found

    def softmax():
        p = np.exp(scores - scores.max(1, keepdims=True))
        return p / p.sum(1, keepdims=True)

    for _ in range(rounds):
        p, steps = softmax(), np.zeros_like(scores)
        for label in range(k):
            g, h = p[:, label] - (y == label), k / (k - 1) * p[:, label] * (1 - p[:, label])
            tree = [(np.arange(n), best(np.arange(n), g, h))]
            while len(tree) < leaves and max(found[0] for _, found in tree) > 0:
                rows, (_, feature, value) = tree.pop(max(range(len(tree)), key=lambda i: tree[i][1][0]))
                left = x[rows, feature] <= value
                tree += [(side, best(side, g, h)) for side in (rows[left], rows[~left])]
            for rows, _ in tree:
                steps[rows, label] = -0.1 * g[rows].sum() / (h[rows].sum() + penalty)
        scores += steps
        losses.append(float(-np.log(softmax()[np.arange(n), y]).mean()))
    return losses


def boosting(n, d, k, rounds, leaves, penalty, curvature):
    """Bytes of few values, and the loss of the samples after each round: LightGBM's and that of the exhaustive search.

    The two are the same, or part within some rounds: LightGBM leaves splits of small nodes out. `agree` says which.
    """
    x, y = blobs(n, d, k, 1.5)
    x = np.clip(50 + 12 * x, 0, 99).astype(np.uint8)
    parameters = {
        "objective": "multiclass", "num_class": k, "metric": "multi_logloss", "learning_rate": 0.1, "num_leaves": leaves,
        "lambda_l2": penalty, "min_data_in_leaf": 0, "min_sum_hessian_in_leaf": curvature, "min_data_in_bin": 1, "max_bin": 255,
        "enable_bundle": False, "feature_pre_filter": False, "deterministic": True, "force_col_wise": True, "num_threads": 1,
        "verbose": -1,
    }
    data = lightgbm.Dataset(x.astype(float), y)
    losses = {}
    lightgbm.train(parameters, data, rounds, valid_sets=[data], valid_names=["fit"],
                   callbacks=[lightgbm.record_evaluation(losses)])
    theirs, all_cuts = losses["fit"]["multi_logloss"], exhaustive(x, y, rounds, leaves, penalty, curvature)
    return {"x": x.tolist(), "y": y.tolist(), "leaves": leaves, "penalty": penalty, "curvature": curvature,
            "losses": theirs, "exhaustive": all_cuts, "agree": bool(np.allclose(theirs, all_cuts, rtol=1e-5, atol=0))}


record = {
    "sklearn": sklearn.__version__,
    "lightgbm": lightgbm.__version__,
    "trees": [
        tree(250, 4, 2, max_depth=3),
        tree(250, 6, 5, min_samples_leaf=12),
        tree(240, 5, 3, max_leaf_nodes=9, min_samples_leaf=6),
        tree(200, 3, 12, min_samples_split=50),
    ],
    "forests": [forest(400, 9, 3, 40, 20), forest(500, 25, 6, 40, 20)],
    "boosting": [
        boosting(400, 5, 3, 30, 8, 1.0, 1e-3),
        boosting(500, 8, 5, 20, 8, 1.0, 2.0),
        boosting(300, 4, 2, 30, 6, 1.0, 1e-3),
        boosting(500, 8, 5, 10, 15, 1.0, 0.5),
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n")
