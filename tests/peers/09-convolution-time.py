"""Times PyTorch on the last rows of two ladders: chapter 7's epoch and chapter 9's hundred mini-batches.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/09-convolution-time.py

Eager mode, float32, on the processor. Each job is warmed up once and timed five times on two threads and three times on
one; the median is what is written, in seconds. Nothing else should run. The threads can only be set before the first job
in a process, so each number of threads has a process of its own.

`mlp_epoch_60k` and `cnn_100_batches` are what a beginner writes. Those that end in `_fused` are the same with the fastest
settings that compute the same: Adam in one pass over memory, and for images the channels last. `mlp_steps_of_one` says where
the time goes: as many steps forward and backward as the epoch has, without an optimiser, each of a single image, for which there is
hardly anything to compute.
"""
import gzip
import json
import pathlib
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone

import numpy as np
import torch
from torch import nn

DATA = pathlib.Path(__file__).parents[2] / "data/fashion-mnist"


def fashion(folder):
    def read(name, offset):
        return np.frombuffer(gzip.open(f"{folder}/train-{name}-ubyte.gz").read(), np.uint8, offset=offset)

    x = torch.from_numpy((read("images-idx3", 16).reshape(-1, 784) / 255).astype(np.float32))
    return x, torch.from_numpy(read("labels-idx1", 8).astype(np.int64))


def train(model, x, y, batch, optimizer, batches):
    loss_of = nn.CrossEntropyLoss()
    order = torch.randperm(len(x))
    for i in range(0, batches * batch, batch):
        rows = order[i : i + batch]
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(x[rows]), y[rows]).backward()
        optimizer.step()


def median_seconds(job, repeats):
    taken = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])[repeats // 2]


def mlp():
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def mlp_epoch_60k(x, y, repeats, **settings):
    model = mlp()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, **settings)
    return median_seconds(lambda: train(model, x, y, 128, optimizer, len(x) // 128), repeats)


def mlp_epoch_60k_fused(x, y, repeats):
    return mlp_epoch_60k(x, y, repeats, fused=True)


def mlp_steps_of_one(x, y, repeats):
    model, loss_of = mlp(), nn.CrossEntropyLoss()

    def job():
        for i in range(len(x) // 128):
            model.zero_grad(set_to_none=True)
            loss_of(model(x[i : i + 1]), y[i : i + 1]).backward()

    return median_seconds(job, repeats)


def cnn_100_batches(x, y, repeats, layout=torch.contiguous_format, **settings):
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10),
    )
    model = model.to(memory_format=layout)
    x = x.view(-1, 1, 28, 28).contiguous(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, **settings)
    return median_seconds(lambda: train(model, x, y, 64, optimizer, 100), repeats)


def cnn_100_batches_fused(x, y, repeats):
    return cnn_100_batches(x, y, repeats, layout=torch.channels_last, fused=True)


JOBS = (mlp_epoch_60k, mlp_epoch_60k_fused, mlp_steps_of_one, cnn_100_batches, cnn_100_batches_fused)


def measure(folder, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    x, y = fashion(folder)
    repeats = 5 if threads == 2 else 3
    return {job.__name__: round(job(x, y, repeats), 4) for job in JOBS}


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main():
    seconds = {}
    for threads, prefix in ((2, ""), (1, "one_thread/")):
        command = [sys.executable, __file__, str(threads)]
        times = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        seconds.update({prefix + job: time for job, time in times.items()})
    versions = {"torch": torch.__version__, "numpy": np.__version__, "python": platform.python_version()}
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {"date": date, "processor": processor(), "threads": [2, 1], "versions": versions, "seconds": seconds}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(measure(DATA, int(sys.argv[1]))))
    else:
        main()
