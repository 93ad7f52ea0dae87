"""Loads a network that the chapter has trained into PyTorch and compares logits.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    cargo run --release -q -p convolution -- train --out model.safetensors --epochs 1
    IMAGES=data/fashion-mnist/t10k-images-idx3-ubyte.gz
    cargo run --release -q -p convolution -- logits --model model.safetensors --idx $IMAGES --first 100 > logits.json
    venv/bin/python tests/peers/09-convolution-read.py model.safetensors $IMAGES logits.json
"""

import gzip
import json
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

model, images, logits = sys.argv[1:]
weights = {n: w for n, w in load_file(model).items() if not n.startswith("optimizer.")}
# With batch normalisation after each pool, as `train` makes it, or without.
normalised = any(n.endswith("running_mean") for n in weights)
norm = lambda channels: [nn.BatchNorm2d(channels)] if normalised else []
net = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), *norm(32),
    nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), *norm(64),
    nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10),
).eval()
# PyTorch also counts the mini-batches that a normalisation has seen; no answer depends on it.
absent, unknown = net.load_state_dict(weights, strict=False)
assert not unknown and all(n.endswith("num_batches_tracked") for n in absent), (absent, unknown)
ours = torch.tensor(json.load(open(logits)))
pixels = np.frombuffer(gzip.open(images).read(), np.uint8, offset=16)[: len(ours) * 784].copy()
x = torch.from_numpy(pixels).float().view(-1, 1, 28, 28) / 255
with torch.no_grad():
    theirs = net(x)
worst = ((ours - theirs).abs().max() / theirs.abs().max()).item()
print(f"{len(ours)} rows, largest difference {worst:.1e} of the largest logit")
sys.exit(worst > 1e-4)
