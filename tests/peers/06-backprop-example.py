"""Makes 06-backprop-example.json: the small network of chapter 6 in PyTorch, and what its conventions change.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/06-backprop-example.py
"""

import json
import pathlib
import warnings

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent


# ANCHOR: network
def network(dtype=torch.float64):
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)).to(dtype)
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[0.5, -1.0], [-0.5, 0.25]]))
        model[0].bias.copy_(torch.tensor([0.5, -0.25]))
        model[2].weight.copy_(torch.tensor([[1.0, -0.5], [0.5, 1.0]]))
        model[2].bias.copy_(torch.tensor([0.0, 0.5]))
    return model


def gradient(x, t, dtype=torch.float64, **options):
    model = network(dtype)
    z = model(torch.tensor(x, dtype=dtype))
    loss = nn.functional.cross_entropy(z, torch.tensor(t), **options)
    loss.backward()
    return loss, model
# ANCHOR_END: network


def in_order(model):
    """Unit by unit: the weights of its two inputs, and its bias."""
    layers = [(layer.weight.grad, layer.bias.grad) for layer in (model[0], model[2])]
    return [x for w, b in layers for i in range(2) for x in (*w[i].tolist(), b[i].item())]


def slope_at_corner(f):
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return x.grad.item()


def checks(dtype):
    """Does PyTorch's own gradient checker, as it is set by default, accept the network?"""
    model = network(dtype)
    x = torch.tensor([[2.0, 1.0]], dtype=dtype, requires_grad=True)
    loss = lambda x: nn.functional.cross_entropy(model(x), torch.tensor([1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.autograd.gradcheck(loss, (x,), raise_exception=False)


ONE, TWO = ([[2.0, 1.0]], [1]), ([[2.0, 1.0], [-1.0, 2.0]], [1, 0])
loss, model = gradient(*ONE)
longer = in_order(model)
_, single = gradient(*ONE, dtype=torch.float32)
mean, of_mean = gradient(*TWO)
total, of_sum = gradient(*TWO, reduction="sum")
again = network()
for _ in range(2):  # Without zero_grad between.
    z = again(torch.tensor(ONE[0], dtype=torch.float64))
    nn.functional.cross_entropy(z, torch.tensor(ONE[1])).backward()
turned = network()
with torch.no_grad():
    turned[0].weight.copy_(turned[0].weight.t().clone())
    other = nn.functional.cross_entropy(turned(torch.tensor(ONE[0]).double()), torch.tensor([1]))
    p = torch.softmax(network()(torch.tensor(ONE[0]).double()), dim=1)
    twice = nn.functional.cross_entropy(p, torch.tensor([1]))
record = {
    "torch": torch.__version__.split("+")[0],
    "loss": loss.item(),
    "gradient": longer,
    "gradient_in_32_bits": in_order(single),
    "batch_loss": mean.item(),
    "batch_gradient": in_order(of_mean),
    "sum_loss": total.item(),
    "sum_gradient": in_order(of_sum),
    "gradient_added_twice": in_order(again),
    "loss_with_weights_transposed": other.item(),
    "loss_of_probabilities": twice.item(),
    "slope_at_corner": {
        "relu(x)": slope_at_corner(torch.relu),
        "maximum(x, 0)": slope_at_corner(lambda x: torch.maximum(x, torch.zeros_like(x))),
        "clamp(x, min=0)": slope_at_corner(lambda x: torch.clamp(x, min=0)),
        "(x + abs(x)) / 2": slope_at_corner(lambda x: (x + torch.abs(x)) / 2),
    },
    "gradcheck": {"float64": checks(torch.float64), "float32": checks(torch.float32)},
}
(HERE / "06-backprop-example.json").write_text(json.dumps(record, indent=1) + "\n")
