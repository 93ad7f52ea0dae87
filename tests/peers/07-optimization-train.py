"""Makes 07-optimization-train.json: what PyTorch's trainings of the network of chapter 7 come to.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/07-optimization-train.py

One epoch of Adam on the first 54,000 training garments, judged by the other 6,000, with five seeds: from the first weights
that PyTorch's Linear has by itself, and from He's.
"""

import gzip
import json
import pathlib

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
DATA = HERE.parent.parent / "data" / "fashion-mnist"
LEARN, SEEDS = 54_000, range(1, 6)


def read(name, skip):
    return np.frombuffer(gzip.decompress((DATA / name).read_bytes())[skip:], np.uint8)


x = torch.tensor(read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784) / 255.0, dtype=torch.float32)
y = torch.tensor(read("train-labels-idx1-ubyte.gz", 8).astype(np.int64))


# ANCHOR: network
def network():
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def draw_as_he(model):
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
# ANCHOR_END: network


# ANCHOR: train
def train(model, rate=1e-3, batch=128, clip=None):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    order = torch.randperm(LEARN)
    for rows in order.split(batch):
        if len(rows) < batch:
            break  # as drop_last=True of a DataLoader
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
# ANCHOR_END: train


accuracy = {"own": [], "he": []}
for seed in SEEDS:
    for way, right in accuracy.items():
        torch.manual_seed(seed)
        model = network()
        if way == "he":
            draw_as_he(model)
        train(model)
        with torch.no_grad():
            right.append((model(x[LEARN:]).argmax(1) == y[LEARN:]).double().mean().item())

record = {"torch": torch.__version__, "accuracy": accuracy}
(HERE / "07-optimization-train.json").write_text(json.dumps(record, indent=1) + "\n")
