"""Writes 10-representation-clouds.json: what scikit-learn says of principal components, of t-SNE's parts and of trustworthiness.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation-clouds.py

- `pca`: variances, and directions with the signs of scikit-learn 1.5 and later;
- `tsne`: conditional probabilities at three perplexities, and for one of them the joint ones, and at a given picture the
  divergence and its gradient (`_binary_search_perplexity`, `_joint_probabilities`, `_kl_divergence`);
- `picture`: the divergence that `TSNE(method="exact")` ends with, from the components;
- `trustworthiness`: of a random picture, for three numbers of neighbours.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities, _kl_divergence
from sklearn.manifold._utils import _binary_search_perplexity

rng = np.random.default_rng(10)


def points(n, d):
    """Three clouds, with few digits, as 32-bit numbers hold them."""
    centres = rng.normal(scale=3, size=(3, d))
    x = centres[np.arange(n) % 3] + rng.normal(size=(n, d)) * np.linspace(0.5, 1.5, d)
    return x.round(3).astype(np.float32)


def listed(array):
    return np.vectorize(lambda x: float(f"{x:.9g}"))(np.asarray(array, dtype=np.float64)).tolist()


def components():
    x = points(40, 7)
    pca = PCA(svd_solver="full").fit(x.astype(np.float64))
    return {"x": listed(x), "variances": listed(pca.explained_variance_), "components": listed(pca.components_)}


def parts():
    x = points(36, 5)
    distances = squareform(pdist(x.astype(np.float64), "sqeuclidean")).astype(np.float32)
    conditional = {str(p): listed(_binary_search_perplexity(distances, p, 0)) for p in (2, 5, 15)}
    joint = _joint_probabilities(distances, 5, 0)
    y = rng.normal(size=(36, 2)).round(3)
    divergence, gradient = _kl_divergence(y.ravel(), joint, 1, 36, 2)
    return {
        "x": listed(x),
        "conditional": conditional,
        "joint": listed(squareform(joint)),
        "y": listed(y),
        "divergence": float(divergence),
        "gradient": listed(gradient.reshape(36, 2)),
    }


def picture():
    x = points(150, 6)
    tsne = TSNE(perplexity=20, init="pca", method="exact", learning_rate="auto", random_state=0).fit(x)
    return {"x": listed(x), "perplexity": 20, "divergence": float(tsne.kl_divergence_)}


def trusted():
    x = points(60, 5)
    y = rng.normal(size=(60, 2)).round(3).astype(np.float32)
    found = {str(k): float(trustworthiness(x, y, n_neighbors=k)) for k in (1, 5, 20)}
    return {"x": listed(x), "y": listed(y), "trustworthiness": found}


def main():
    record = {
        "versions": {name: version(name) for name in ("scikit-learn", "numpy", "scipy")},
        "pca": components(),
        "tsne": parts(),
        "picture": picture(),
        "trustworthiness": trusted(),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
