"""Makes 11-residual-timm.json: the logits of timm's MobileNetV3 on one image, with weights by the formula of 11-residual.py from timm's
names. That timm's residual networks have torchvision's names is checked on the way.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/11-residual-timm.py
"""

import importlib.util
import json
import pathlib

import timm
import torch
import torchvision

HERE = pathlib.Path(__file__).parent
NAMES = ["mobilenetv3_large_100", "mobilenetv3_small_100"]
SIDE = 97


def formula():
    """The functions of 11-residual.py."""
    spec = importlib.util.spec_from_file_location("residual", HERE / "11-residual.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    residual = formula()
    for name in ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]:
        ours, theirs = torchvision.models.get_model(name), timm.create_model(name)
        shapes = [{key: tensor.shape for key, tensor in model.state_dict().items()} for model in (ours, theirs)]
        assert shapes[0] == shapes[1], name
    record = {"torch": torch.__version__, "timm": timm.__version__, "networks": {}}
    image = 4 * residual.numbers(2, 3 * SIDE * SIDE).view(1, 3, SIDE, SIDE)
    with torch.no_grad():
        for name in NAMES:
            model = timm.create_model(name).eval()
            residual.fill(model, 1.0)
            logits = [float(f"{x:.7g}") for x in model(image)[0].tolist()]
            parameters = sum(p.numel() for p in model.parameters())
            record["networks"][name] = {"parameters": parameters, "epsilon": model.bn1.eps, "logits": logits[:200]}
            print(name, parameters, model.bn1.eps, max(map(abs, logits)))
    (HERE / "11-residual-timm.json").write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
