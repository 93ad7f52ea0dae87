"""Makes 14-parameters-ways.json: four ways to count a network in PyTorch, and what each says.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/14-parameters-ways.py
"""

import json
import pathlib

import torch
import torchvision
import transformers
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent
CONFIGS = HERE / "../../chapters-code/14-parameters/tests/configs"


# ANCHOR: ways
def ways(build):
    with torch.device("meta"):  # shapes without numbers: the largest model needs no memory
        model = build()
    parameters = sum(p.numel() for p in model.parameters())
    buffers = sum(b.numel() for b in model.buffers())
    named = model.named_parameters(remove_duplicate=False)
    return {
        "parameters": parameters,  # a tensor with two names once
        "parameters and buffers": parameters + buffers,
        "names": sum(p.numel() for _, p in named),  # each name counts
        "state dict": sum(t.numel() for t in model.state_dict().values()),
    }
# ANCHOR_END: ways


def language(name):
    fields = json.loads((CONFIGS / name).read_text())
    kind = fields.pop("model_type")
    config = transformers.CONFIG_MAPPING[kind](**fields)
    model = AutoModelForCausalLM.from_config(config)
    model.tie_weights()
    return model


def main():
    said = {
        "resnet50": ways(torchvision.models.resnet50),
        "gpt2": ways(lambda: language("gpt2.json")),
        "gemma3-270m": ways(lambda: language("gemma3-270m.json")),
        "glm4.5-air": ways(lambda: language("glm4.5-air.json")),
    }
    made_with = {m.__name__: m.__version__.split("+")[0] for m in (torch, torchvision, transformers)}
    record = {"made_with": made_with, "models": said}
    (HERE / "14-parameters-ways.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
