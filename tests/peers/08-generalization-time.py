"""Times PyTorch, NumPy and SciPy on one training of each kind that chapter 8 has, at the chapter's settings.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/08-generalization-time.py

On the processor; float32, and float64 for least squares. Each job is warmed up once and timed five times on two
threads and three times on one; the median is what is written, in seconds. Nothing else should run. The threads can only be
set before the first job in a process, so each number of threads has a process of its own.

`mlp_dropout_epoch_60k` is what a beginner writes: an epoch of 784-256-128-10 with a dropout of 0.3 behind each hidden layer,
Adam, mini-batches of 128, and `mlp_epoch_60k` the same without dropout. `mnist1d_10_epochs` are ten epochs of 40-100-100-10 on
4,000 signals under SGD with momentum in mini-batches of 100. `grokking_100_steps` are a hundred steps of 94-256-47 under AdamW,
each on all of 1,104 sums. Those that end in `_fused` are the same with the optimiser in one pass over memory, and those that end
in `_compiled` have also their loss and its gradients compiled, for which the machine needs a C++ compiler. `least_norm` is
the shortest solution of 1,000 equations with 3,000 unknowns and ten right sides: by `numpy.linalg.lstsq`, and with `_gram` by
SciPy's Cholesky factor of the Gram matrix, as the chapter does it.
"""
import gzip
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone
from functools import partial

DATA = pathlib.Path(__file__).parents[2] / "data/fashion-mnist"


def fashion(folder):
    def read(name, offset):
        return np.frombuffer(gzip.open(f"{folder}/train-{name}-ubyte.gz").read(), np.uint8, offset=offset)

    x = torch.from_numpy((read("images-idx3", 16).reshape(-1, 784) / 255).astype(np.float32))
    return x, torch.from_numpy(read("labels-idx1", 8).astype(np.int64))


def steps(model, optimizer, compiled):
    """A function that takes one step on a mini-batch; compiled, the loss and its gradients are."""
    criterion = nn.CrossEntropyLoss()

    def loss(x, y):
        return criterion(model(x), y)

    loss = torch.compile(loss) if compiled else loss

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        loss(x, y).backward()
        optimizer.step()

    return step


def train(step, x, y, batch, batches):
    order = torch.randperm(len(x))
    for i in range(0, batches * batch, batch):
        rows = order[i : i + batch]
        step(x[rows], y[rows])


def median_seconds(job, repeats):
    taken = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])[repeats // 2]


def mlp(dropout):
    behind = [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), *behind, nn.Linear(256, 128), nn.ReLU(), *behind, nn.Linear(128, 10)
    )


def epoch(data, repeats, dropout, compiled=False, **settings):
    x, y = data
    model = mlp(dropout)
    step = steps(model, torch.optim.Adam(model.parameters(), 1e-3, **settings), compiled)
    return median_seconds(lambda: train(step, x, y, 128, len(x) // 128), repeats)


def signals(repeats, compiled=False, **settings):
    x, y = torch.randn(4000, 40), torch.randint(10, (4000,))
    model = nn.Sequential(nn.Linear(40, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))
    step = steps(model, torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, **settings), compiled)

    def job():
        for _ in range(10):
            train(step, x, y, 100, 40)

    return median_seconds(job, repeats)


def sums(repeats, compiled=False, **settings):
    modulus = 47
    pairs = torch.cartesian_prod(torch.arange(modulus), torch.arange(modulus))
    pairs = pairs[torch.randperm(len(pairs))[: len(pairs) // 2]]
    x = torch.cat([nn.functional.one_hot(pairs[:, i], modulus) for i in (0, 1)], 1).float()
    y = pairs.sum(1) % modulus
    model = nn.Sequential(nn.Linear(2 * modulus, 256), nn.ReLU(), nn.Linear(256, modulus))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=1.0, **settings)
    step = steps(model, optimizer, compiled)

    def job():
        for _ in range(100):
            step(x, y)

    return median_seconds(job, repeats)


def least_norm(repeats, gram):
    rng = np.random.default_rng(8)
    x, y = rng.standard_normal((1000, 3000)), rng.standard_normal((1000, 10))

    def by_gram():
        return x.T @ scipy.linalg.cho_solve(scipy.linalg.cho_factor(x @ x.T), y)

    def by_values():
        return np.linalg.lstsq(x, y, rcond=None)[0]

    assert np.allclose(by_gram(), by_values())
    return median_seconds(by_gram if gram else by_values, repeats)


def measure(threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    data, repeats = fashion(DATA), 5 if threads == 2 else 3
    trainings = {
        "mlp_epoch_60k": lambda **way: epoch(data, repeats, 0, **way),
        "mlp_dropout_epoch_60k": lambda **way: epoch(data, repeats, 0.3, **way),
        "mnist1d_10_epochs": lambda **way: signals(repeats, **way),
        "grokking_100_steps": lambda **way: sums(repeats, **way),
    }
    ways = {"": {}, "_fused": {"fused": True}, "_compiled": {"fused": True, "compiled": True}}
    jobs = {name + end: partial(job, **way) for name, job in trainings.items() for end, way in ways.items()}
    jobs["least_norm"] = lambda: least_norm(repeats, False)
    jobs["least_norm_gram"] = lambda: least_norm(repeats, True)
    return {name: round(job(), 4) for name, job in jobs.items()}


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main():
    seconds = {}
    for threads, prefix in ((2, ""), (1, "one_thread/")):
        # NumPy's and SciPy's BLAS read the number of threads when they are loaded.
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | {name: str(threads) for name in names}
        command = [sys.executable, __file__, str(threads)]
        run = subprocess.run(command, check=True, capture_output=True, env=environment)
        seconds.update({prefix + job: time for job, time in json.loads(run.stdout).items()})
    modules = {"torch": torch, "numpy": np, "scipy": scipy}
    versions = {name: module.__version__ for name, module in modules.items()}
    versions["python"] = platform.python_version()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {"date": date, "processor": processor(), "threads": [2, 1], "versions": versions, "seconds": seconds}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    import numpy as np
    import scipy
    import scipy.linalg
    import torch
    from torch import nn

    if len(sys.argv) == 2:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
