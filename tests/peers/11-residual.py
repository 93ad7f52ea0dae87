"""Makes 11-residual.json: the logits of torchvision's networks on two images, with weights by a formula that the tests
compute, too, so only results are stored.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/11-residual.py

A tensor's numbers come from its name: `seed` of it, and `numbers` of that seed, scaled by what the tensor is.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torchvision

HERE = pathlib.Path(__file__).parent
NAMES = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "mobilenet_v3_large", "mobilenet_v3_small",
]
SIDES = [224, 97]


def numbers(seed, n):
    """`fixtures.numbers`, for millions of them."""
    h = (np.uint64(seed * 7919 + 1) + np.arange(n, dtype=np.uint64)) * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(15)
    h = h * np.uint64(2246822519) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(13)
    return torch.from_numpy((h.astype(np.float64) / 2**32 - 0.5).astype(np.float32))


def seed(name):
    """The low 16 bits of the FNV-1a hash of a name."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = (h ^ byte) * 0x01000193 % 2**32
    return h % 2**16


def fill(model, scale):
    for name, tensor in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        x = numbers(seed(name), tensor.numel()).view(tensor.shape)
        if name.endswith("running_var"):
            x = 1 + 0.5 * x
        elif name.endswith(("running_mean", "bias")):
            x = 0.2 * x
        elif tensor.dim() == 1:
            x = scale * (1 + 0.5 * x)
        else:
            x = x * np.float32(math.sqrt(24 / tensor[0].numel()))
        tensor.copy_(x)


def main():
    record = {"torch": torch.__version__, "torchvision": torchvision.__version__, "networks": {}}
    with torch.no_grad():
        for name in NAMES:
            model = torchvision.models.get_model(name).eval()
            fill(model, 0.5 if name.startswith("resnet") else 1.0)
            logits = []
            for i, side in enumerate(SIDES):
                image = 4 * numbers(i + 1, 3 * side * side).view(1, 3, side, side)
                logits.append([float(f"{x:.7g}") for x in model(image)[0].tolist()])
            parameters = sum(p.numel() for p in model.parameters())
            record["networks"][name] = {"parameters": parameters, "logits": [row[:200] for row in logits]}
            a, b = (torch.tensor(row) for row in logits)
            print(name, parameters, a.abs().max().item(), (a - b).abs().max().item())
    (HERE / "11-residual.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
