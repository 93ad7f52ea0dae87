"""Times scikit-learn and openTSNE on the clouds of chapter 10, at the chapter's settings.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation-clouds-time.py

On the processor, in float32. Each job is warmed up once and timed three times on two threads and on one; the median is what is
written, in seconds. Nothing else should run. The threads can only be set before NumPy is loaded, so each number of threads has a
process of its own.

`pca_6000` are 50 principal components of the first 6,000 test garments, by three solvers: `_eigh` from the covariance, as the chapter
does it, `_full` by singular values, `_randomized` nearly. `tsne_2000` is the picture of the first 2,000 at perplexity 30, 250
steps with an exaggeration of 12 and 750 without, from the components: `_exact` as the chapter does it, `_barnes_hut` with an angle of
0.5, and `_opentsne_fft` and `_opentsne_bh` by openTSNE, whose nearest neighbours are exact. `divergences` holds what each picture ends with.
"""

import gzip
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import warnings
from datetime import datetime, timezone
from importlib.metadata import version

DATA = pathlib.Path(__file__).parents[2] / "data/fashion-mnist/t10k-images-idx3-ubyte.gz"


def garments(n):
    pixels = np.frombuffer(gzip.open(DATA).read(), np.uint8, offset=16, count=n * 784)
    return (pixels.reshape(n, 784) / 255).astype(np.float32)


def seconds_of(job, repeats):
    taken, answer = [], None
    for _ in range(1 + repeats):
        start = time.perf_counter()
        answer = job()
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])[repeats // 2], answer


def components(x, solver):
    return PCA(50, svd_solver=solver, random_state=0).fit(x)


def exact_or_tree(x, method, threads):
    start = PCA(2, svd_solver="covariance_eigh").fit_transform(x)
    start *= 1e-4 / np.std(start[:, 0])
    tsne = TSNE(perplexity=30, init=start, method=method, max_iter=1000, n_iter_without_progress=1000, n_jobs=threads)
    return float(tsne.fit(x).kl_divergence_)


def open_tsne(x, gradient, threads):
    start = PCA(2, svd_solver="covariance_eigh").fit_transform(x)
    start *= 1e-4 / np.std(start[:, 0])
    # The rate is that of the others; openTSNE's gradient is a quarter of theirs.
    tsne = openTSNE.TSNE(
        perplexity=30,
        initialization=start,
        neighbors="exact",
        negative_gradient_method=gradient,
        early_exaggeration=12,
        early_exaggeration_iter=250,
        n_iter=750,
        learning_rate=200,
        initial_momentum=0.5,
        final_momentum=0.8,
        n_jobs=threads,
    )
    return float(tsne.fit(x).kl_divergence)


def measure(threads):
    warnings.filterwarnings("ignore")
    many, some, seconds, divergences = garments(6000), garments(2000), {}, {}
    for name, solver in (("eigh", "covariance_eigh"), ("full", "full"), ("randomized", "randomized")):
        seconds[f"pca_6000_{name}"], _ = seconds_of(lambda: components(many, solver), 3)
    jobs = {
        "exact": lambda: exact_or_tree(some, "exact", threads),
        "barnes_hut": lambda: exact_or_tree(some, "barnes_hut", threads),
        "opentsne_fft": lambda: open_tsne(some, "fft", threads),
        "opentsne_bh": lambda: open_tsne(some, "bh", threads),
    }
    for name, job in jobs.items():
        # The exact one takes minutes.
        repeats = 1 if name == "exact" else 3
        seconds[f"tsne_2000_{name}"], divergences[name] = seconds_of(job, repeats)
    return {
        "seconds": {job: round(time, 4) for job, time in seconds.items()},
        "divergences": {name: round(found, 4) for name, found in divergences.items()},
    }


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main():
    seconds, divergences = {}, {}
    for threads, prefix in ((2, ""), (1, "one_thread/")):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        environment = os.environ | {name: str(threads) for name in names}
        command = [sys.executable, __file__, str(threads)]
        run = subprocess.run(command, check=True, capture_output=True, env=environment)
        found = json.loads(run.stdout.splitlines()[-1])
        seconds.update({prefix + job: time for job, time in found["seconds"].items()})
        divergences.update({prefix + job: end for job, end in found["divergences"].items()})
    versions = {name: version(name) for name in ("scikit-learn", "openTSNE", "numpy", "scipy")}
    versions["python"] = platform.python_version()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {
        "date": date,
        "processor": processor(),
        "threads": [2, 1],
        "versions": versions,
        "seconds": seconds,
        "divergences": divergences,
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        import numpy as np
        import openTSNE
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE

        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
