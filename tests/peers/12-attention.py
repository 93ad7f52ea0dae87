"""Makes 12-attention.json: what PyTorch's attention and torchvision's ViTs answer. Inputs and weights come from a formula
that the tests compute, too, so only results are stored.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/12-attention.py

A tensor's numbers come from its name: `seed` of it, and `numbers` of that seed, scaled by what the tensor is.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torchvision
from torch.nn.functional import gelu, scaled_dot_product_attention

HERE = pathlib.Path(__file__).parent
NAMES = ["vit_b_16", "vit_b_32", "vit_l_32"]
SIDE = 224
# Queries, keys, numbers in a query, numbers in a value.
SIZES = {"square": (7, 7, 8, 8), "across": (5, 9, 4, 6), "long": (33, 70, 16, 16)}


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


def short(tensor):
    return [float(f"{x:.7g}") for x in tensor.flatten().tolist()]


def mask(kind, t, s):
    """Who may look where. Under `holes` the third query may look nowhere."""
    if kind == "none":
        return None
    if kind == "causal":
        return torch.ones(t, s, dtype=torch.bool).tril()
    allowed = (numbers(9, t * s) > -0.2).view(t, s)
    allowed[2] = False
    return allowed


def attention(name, kind):
    t, s, d, dv = SIZES[name]
    q, k = 4 * numbers(1, t * d).view(1, 1, t, d), 4 * numbers(2, s * d).view(1, 1, s, d)
    v, dy = 4 * numbers(3, s * dv).view(1, 1, s, dv), 4 * numbers(4, t * dv).view(1, 1, t, dv)
    q, k, v = (x.requires_grad_(True) for x in (q, k, v))
    y = scaled_dot_product_attention(q, k, v, attn_mask=mask(kind, t, s))
    y.backward(dy)
    found = {"y": short(y), "dq": short(q.grad), "dk": short(k.grad), "dv": short(v.grad)}
    print(name, kind, "nan" if any(map(math.isnan, found["y"] + found["dq"])) else "", y.abs().max().item())
    return found


def naive_row():
    """What a softmax makes of a row of which nothing may be looked at."""
    return [str(x) for x in torch.softmax(torch.full((3,), -math.inf), 0).tolist()]


def fill(model):
    for name, tensor in model.state_dict().items():
        x = numbers(seed(name), tensor.numel()).view(tensor.shape)
        if name.endswith("bias"):
            x = 0.2 * x
        elif tensor.dim() == 1:
            x = 1 + 0.5 * x
        elif not name.endswith(("class_token", "pos_embedding")):
            x = x * np.float32(math.sqrt(24 / tensor[0].numel()))
        tensor.copy_(x)


def vit(name):
    model = torchvision.models.get_model(name).eval()
    fill(model)
    logits = []
    for i in range(2):
        logits.append(short(model(4 * numbers(i + 1, 3 * SIDE * SIDE).view(1, 3, SIDE, SIDE))[0]))
    parameters = sum(p.numel() for p in model.parameters())
    tensors = {key: list(tensor.shape) for key, tensor in model.state_dict().items()}
    a, b = (torch.tensor(row) for row in logits)
    print(name, parameters, a.abs().max().item(), (a - b).abs().max().item())
    return {"parameters": parameters, "tensors": tensors, "logits": [row[:200] for row in logits]}


def main():
    record = {"torch": torch.__version__, "torchvision": torchvision.__version__}
    record["attention"] = {f"{name}/{kind}": attention(name, kind) for name in SIZES for kind in ["none", "causal", "holes"]}
    record["all_masked"] = naive_row()
    x = torch.linspace(-6, 6, 121)
    record["gelu"] = {"erf": short(gelu(x)), "tanh": short(gelu(x, approximate="tanh"))}
    with torch.no_grad():
        record["networks"] = {name: vit(name) for name in NAMES}
    (HERE / "12-attention.json").write_text(json.dumps(record) + "\n")


main()
