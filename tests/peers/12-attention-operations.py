"""Makes 12-attention-operations.json: logits, loss and all gradients of small networks with the parts of transformers, as
PyTorch and torchvision compute them.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/12-attention-operations.py

Inputs, labels and weights come from `numbers`, which the tests compute, too, so only results are stored.
"""

import json
import pathlib

import torch
import torchvision
from torch import nn

from fixtures import numbers, short

HERE = pathlib.Path(__file__).parent

ROWS, CLASSES = 5, 5
DIGITS = 6


class Around(nn.Module):
    """A layer that makes tokens of tokens, what is tested, and a linear layer that sees all numbers."""

    def __init__(self, tokens, width, tested):
        super().__init__()
        self.input = tokens, width
        self.first = nn.Linear(width, width)
        self.tested = tested
        self.last = nn.Linear(tokens * width, CLASSES)

    def forward(self, x):
        return self.last(self.tested(torch.tanh(self.first(x))).flatten(1))


class Heads(nn.MultiheadAttention):
    def __init__(self, width, heads, causal=False):
        super().__init__(width, heads, batch_first=True)
        self.causal = causal

    def forward(self, x):
        t = x.shape[1]
        hidden = torch.ones(t, t, dtype=torch.bool).triu(1) if self.causal else None
        return super().forward(x, x, x, need_weights=False, attn_mask=hidden)[0]


def heads(tokens, width, count, causal=False):
    return Around(tokens, width, Heads(width, count, causal))


def vit():
    model = torchvision.models.VisionTransformer(
        image_size=12, patch_size=4, num_layers=2, num_heads=2, hidden_dim=20, mlp_dim=24, num_classes=CLASSES
    )
    model.input = 3, 12, 12
    return model


NETWORKS = {
    "attention": heads(7, 12, 3),
    "attention_wide": heads(18, 40, 2),
    "attention_panels": heads(16, 32, 2),
    "causal": heads(19, 24, 4, causal=True),
    "layer_norm": Around(6, 20, nn.LayerNorm(20, eps=1e-5)),
    "layer_norm_panels": Around(3, 32, nn.LayerNorm(32, eps=1e-6)),
    "gelu_erf": Around(3, 21, nn.GELU()),
    "gelu_tanh": Around(3, 21, nn.GELU(approximate="tanh")),
    "vit": vit(),
}


def parameters(model):
    """By name, in the order in which a forward pass meets them: patches come before the class token."""
    named = dict(model.named_parameters())
    first = [name for name in named if name.startswith("conv_proj")]
    return {name: named[name] for name in first + [name for name in named if name not in first]}


cases = {}
for name, model in NETWORKS.items():
    model.train()
    with torch.no_grad():
        for seed, p in enumerate(parameters(model).values()):
            p.copy_(numbers(100 + seed, p.numel()).view(p.shape))
    elements = torch.Size(model.input).numel()
    x = 4 * numbers(1, ROWS * elements).view(ROWS, *model.input)
    y = torch.arange(ROWS) * 3 % CLASSES
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, y)
    loss.backward()
    cases[name] = {
        "logits": short(logits, DIGITS),
        "loss": loss.item(),
        "gradients": {key: short(p.grad, DIGITS) for key, p in parameters(model).items()},
    }

versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
text = json.dumps({**versions, "cases": cases}, indent=None)
(HERE / "12-attention-operations.json").write_text(text.replace("], ", "],\n") + "\n")
