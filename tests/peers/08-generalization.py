"""Makes 08-generalization.json: dropout's scale, smoothed losses with their gradients, the losses of 20 steps under each
form of weight decay, and averages of weights, as PyTorch computes them.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/08-generalization.py

Inputs, labels and weights come from `numbers`, which the tests compute, too, so only results are stored.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn

from fixtures import fill, numbers, short

HERE = pathlib.Path(__file__).parent

STEPS, ROWS, FEATURES, CLASSES = 20, 16, 20, 5


def network():
    model = nn.Sequential(
        nn.Linear(FEATURES, 24), nn.ReLU(), nn.Linear(24, 16), nn.ReLU(), nn.Linear(16, CLASSES)
    )
    fill(model)
    return model


def batch(step):
    x = 2 * numbers(1000 + step, ROWS * FEATURES).view(ROWS, FEATURES)
    return x, x[:, :CLASSES].argmax(1)


def train(model, optimizer, after=lambda: None):
    losses = []
    for step in range(STEPS):
        x, y = batch(step)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        after()
    return losses


def dropout(share):
    """What a 1 that is kept becomes, the gradient that passes it, and the share that is kept of many."""
    torch.manual_seed(1)
    x = torch.ones(100_000, requires_grad=True)
    y = F.dropout(x, share, training=True)
    y.backward(torch.ones_like(y))
    kept = y.detach() != 0
    assert torch.equal(x.grad[kept], y.detach()[kept]) and not x.grad[~kept].any()
    return {"kept": y.max().item(), "gradient": x.grad.max().item(), "share": kept.double().mean().item()}


def smoothed(share):
    z = (4 * numbers(7, 6 * CLASSES).view(6, CLASSES)).requires_grad_()
    y = torch.arange(6) % CLASSES
    losses = F.cross_entropy(z, y, label_smoothing=share, reduction="none")
    losses.sum().backward()
    return {"losses": short(losses.detach(), 7), "gradient": short(z.grad, 7)}


def groups(model, matrices, others):
    of = lambda big: [p for p in model.parameters() if (p.ndim > 1) == big]
    return [{"params": of(True), "weight_decay": matrices}, {"params": of(False), "weight_decay": others}]


# ANCHOR: forms
DECAYS = {
    "sgd-penalty": lambda m: torch.optim.SGD(m.parameters(), 0.1, weight_decay=0.3),
    "momentum-penalty": lambda m: torch.optim.SGD(m.parameters(), 0.05, momentum=0.9, weight_decay=0.3),
    "adam-penalty": lambda m: torch.optim.Adam(m.parameters(), 0.01, weight_decay=0.3),
    "adam-decoupled": lambda m: torch.optim.AdamW(m.parameters(), 0.01, weight_decay=3.0),
    "adam-matrices": lambda m: torch.optim.AdamW(groups(m, 3.0, 0.0), 0.01),
    "sgd-groups": lambda m: torch.optim.SGD(groups(m, 0.3, 0.1), 0.1),
}


AVERAGES = {
    "exponential": lambda m: AveragedModel(m, multi_avg_fn=get_ema_multi_avg_fn(0.9)),
    "plain": lambda m: AveragedModel(m, multi_avg_fn=get_swa_multi_avg_fn()),
}
# ANCHOR_END: forms


def decayed(make):
    model = network()
    return train(model, make(model))


def averaged(make):
    """The averaged weights after 20 steps of SGD: the first layer's bias and the last layer's matrix."""
    model = network()
    average = make(model)
    train(model, torch.optim.SGD(model.parameters(), 0.5), lambda: average.update_parameters(model))
    state = average.module.state_dict()
    return {name: short(state[name], 7) for name in ("0.bias", "4.weight")}


record = {
    "torch": torch.__version__,
    "dropout": {str(share): dropout(share) for share in (0.1, 0.25, 0.5, 0.9)},
    "smoothed": {str(share): smoothed(share) for share in (0.0, 0.1, 0.3, 1.0)},
    "decayed": {name: decayed(make) for name, make in DECAYS.items()},
    "averaged": {name: averaged(make) for name, make in AVERAGES.items()},
}
text = json.dumps(record, indent=None)
(HERE / "08-generalization.json").write_text(text.replace("], ", "],\n") + "\n")
