"""Makes 11-residual-operations.json: logits, loss and all gradients of small networks with the parts of MobileNetV3, as
PyTorch and torchvision compute them.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/11-residual-operations.py

Inputs, labels and weights come from `numbers`, which the tests compute, too, so only results are stored.
"""

import json
import pathlib

import torch
import torchvision
from torch import nn
from torchvision.ops import SqueezeExcitation

from fixtures import fill, numbers, short

HERE = pathlib.Path(__file__).parent

ROWS, CLASSES = 6, 5
DIGITS = 6


def network(channels, outputs, *tested):
    """The first layer makes channels, then comes what is tested, then a linear layer to the classes."""
    first = nn.Conv2d(1, channels, 1), nn.Tanh()
    return nn.Sequential(*first, *tested, nn.Flatten(), nn.Linear(outputs, CLASSES))


def depthwise(channels, kernel, stride=1):
    return nn.Conv2d(channels, channels, kernel, stride, kernel // 2, groups=channels, bias=False)


def gate(channels, squeezed):
    return SqueezeExcitation(channels, squeezed, scale_activation=nn.Hardsigmoid)


def wide(channels):
    """So many terms that hard-swish meets numbers beyond -3 and 3."""
    return nn.Conv2d(16, channels, 3, padding=1)


class Inverted(nn.Module):
    """The block of MobileNetV3 without its normalisations."""

    def __init__(self, channels, wide):
        super().__init__()
        self.expand = nn.Conv2d(channels, wide, 1)
        self.depthwise = depthwise(wide, 5)
        self.gate = gate(wide, 8)
        self.project = nn.Conv2d(wide, channels, 1)

    def forward(self, x):
        swish = nn.functional.hardswish
        return x + self.project(self.gate(swish(self.depthwise(swish(self.expand(x))))))


NETWORKS = {
    "depthwise_3": (network(3, 3 * 36, depthwise(3, 3)), 6),
    "depthwise_3_stride": (network(20, 20 * 16, depthwise(20, 3, 2)), 7),
    "depthwise_5": (network(18, 18 * 36, depthwise(18, 5)), 6),
    "depthwise_5_stride": (network(3, 3 * 9, depthwise(3, 5, 2)), 6),
    "depthwise_7": (network(2, 2 * 25, depthwise(2, 7)), 5),
    "hard_swish": (network(16, 3 * 36, wide(3), nn.Hardswish()), 6),
    "gate": (network(6, 6 * 16, gate(6, 4)), 4),
    "gate_wide": (network(16, 40 * 9, wide(40), gate(40, 10)), 3),
    "inverted": (network(4, 4 * 25, Inverted(4, 20)), 5),
}

cases = {}
for name, (model, side) in NETWORKS.items():
    fill(model)
    x = 2 * numbers(1, ROWS * side * side).view(ROWS, 1, side, side)
    y = torch.arange(ROWS) * 3 % CLASSES
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, y)
    loss.backward()
    cases[name] = {
        "logits": short(logits, DIGITS),
        "loss": loss.item(),
        "gradients": [short(p.grad, DIGITS) for p in model.parameters()],
    }

versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
text = json.dumps({**versions, "cases": cases}, indent=None)
(HERE / "11-residual-operations.json").write_text(text.replace("], ", "],\n") + "\n")
