"""Makes 05-neurons.json: the small examples of chapter 5 in PyTorch and scikit-learn, and what their conventions change.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/05-neurons.py
"""

import json
import pathlib
import warnings

import sklearn
import torch
from sklearn.linear_model import LogisticRegression, Perceptron
from torch import nn

HERE = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")

# The three cases of the page on the perceptron.
X = torch.tensor([[2.0, 1.0], [0.0, 2.0], [1.0, 1.0]], dtype=torch.float64)
SIGNS = torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64)


# ANCHOR: perceptron
def perceptron(passes, is_mistake):
    x = torch.cat([torch.ones(len(X), 1), X], dim=1)  # A first feature of 1: the bias.
    w, mistakes = torch.zeros(3, dtype=torch.float64), 0
    for _ in range(passes):
        for x_i, y_i in zip(x, SIGNS):
            if is_mistake(y_i * (w @ x_i)):
                w += y_i * x_i
                mistakes += 1
    return w, mistakes
# ANCHOR_END: perceptron


# ANCHOR: xor
def xor(step):
    x = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    hidden, output = nn.Linear(2, 2), nn.Linear(2, 1)
    with torch.no_grad():
        hidden.weight.copy_(torch.tensor([[1.0, 1.0], [1.0, 1.0]]))
        hidden.bias.copy_(torch.tensor([-0.5, -1.5]))
        output.weight.copy_(torch.tensor([[1.0, -2.0]]))
        output.bias.fill_(-0.5)
        return step(output(step(hidden(x)))).flatten().tolist()
# ANCHOR_END: xor


# ANCHOR: logistic
def logistic(w, b, **options):
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    b = torch.tensor(b, dtype=torch.float64, requires_grad=True)
    truth = (SIGNS + 1) / 2  # 0 and 1 for −1 and 1.
    loss = nn.functional.binary_cross_entropy_with_logits(X @ w + b, truth, **options)
    loss.backward()
    return loss.item(), [*w.grad.tolist(), b.grad.item()]
# ANCHOR_END: logistic


def far_wrong(stable):
    """Loss and slope in z at z = −200 for a case of class 1, in 32 bits."""
    z = torch.tensor([-200.0], requires_grad=True)
    truth = torch.ones(1)
    if stable:
        loss = nn.functional.binary_cross_entropy_with_logits(z, truth)
    else:
        loss = nn.functional.binary_cross_entropy(torch.sigmoid(z), truth)
    loss.backward()
    return [loss.item(), z.grad.item()]


def both(fires):
    """A unit that is to fire where both of two switches are on, with weights 1 and 1 and bias −1."""
    rows = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    return [int(fires(z)) for z in (rows.sum(dim=1) - 1).tolist()]


w, mistakes = perceptron(3, lambda yz: yz <= 0)
_, strict = perceptron(3, lambda yz: yz < 0)
mean, sum_ = logistic([1.0, -1.0], 0.5), logistic([1.0, -1.0], 0.5, reduction="sum")
z = X @ torch.tensor([1.0, -1.0], dtype=torch.float64) + 0.5
with_signs = nn.functional.softplus(-SIGNS * z).mean().item()
learned = Perceptron(shuffle=False, tol=None, max_iter=100).fit(X.numpy(), SIGNS.numpy())
regressions = {
    str(c): LogisticRegression(C=c, tol=1e-9, max_iter=100_000).fit(X.numpy(), SIGNS.numpy())
    for c in (1.0, 100.0, 10_000.0)
}
record = {
    "torch": torch.__version__.split("+")[0],
    "sklearn": sklearn.__version__,
    "perceptron": {"weights": w.tolist(), "mistakes": mistakes, "mistakes_below_zero_only": strict},
    "perceptron_of_sklearn": [learned.intercept_[0], *learned.coef_[0].tolist()],
    "xor": xor(lambda z: (z > 0).float()),
    "logistic": {"loss": mean[0], "gradient": mean[1]},
    "logistic_sum": {"loss": sum_[0], "gradient": sum_[1]},
    "logistic_with_signs": with_signs,
    "far_wrong": {"of_logits": far_wrong(True), "of_probabilities": far_wrong(False)},
    "sign_of_zero": torch.sign(torch.zeros(1)).item(),
    "both": {"above_zero": both(lambda z: z > 0), "from_zero": both(lambda z: z >= 0)},
    "length_of_weights": {
        c: float((r.coef_**2).sum() ** 0.5) for c, r in regressions.items()
    },
}
(HERE / "05-neurons.json").write_text(json.dumps(record, indent=1) + "\n")
