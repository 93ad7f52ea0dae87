"""Makes 11-residual-pillow.json: photographs of the workspace, and parts of them, resized and cropped as torchvision does it.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/11-residual-pillow.py

torchvision's `Resize` and `CenterCrop` on an image of Pillow: the shorter side gets so many pixels, by BILINEAR or BICUBIC, and the square
in the middle is kept. Of each result there are three rows and a checksum of all bytes (FNV-1a, 64 bits). Besides, there is the number that
`ToTensor` and `Normalize` make of each level. Pillow 12 goes along the rows and then down the columns; Pillow 13 takes the other order
for some sizes, and then levels differ by one.
"""

import json
import pathlib

import PIL
import torchvision
from PIL import Image
from torchvision import transforms
from torchvision.transforms import InterpolationMode

HERE = pathlib.Path(__file__).parent
PHOTOGRAPHS = HERE.parents[1] / "data/photographs"
CROP = 224

# Photograph, part of it (left, top, width, height; None is all), shorter side, kernel.
CASES = [
    ("chelsea", None, 256, "bilinear"),
    ("chelsea", None, 232, "bilinear"),
    ("coffee", None, 256, "bicubic"),
    ("retina", (3, 5, 137, 136), 256, "bilinear"),
    ("coffee", (50, 50, 61, 40), 235, "bicubic"),
    ("chelsea", (70, 60, 2, 3), 232, "bilinear"),
    ("coffee", (100, 10, 3, 90), 256, "bilinear"),
    ("coffee", (100, 10, 1, 90), 256, "bilinear"),
    # Computed, because the photographs of the workspace are small: width and height.
    (None, (1000, 701), 256, "bilinear"),
    (None, (1000, 701), 232, "bicubic"),
    (None, (333, 1290), 232, "bilinear"),
    (None, (341, 256), 256, "bilinear"),
    (None, (343, 256), 256, "bilinear"),
    (None, (224, 900), 224, "bilinear"),
]


def computed(width, height):
    pixel = lambda x, y, c: (x * x + 3 * y * y + x * y * (c + 1)) // 32 % 256
    data = bytes(pixel(x, y, c) for y in range(height) for x in range(width) for c in range(3))
    return Image.frombytes("RGB", (width, height), data)


def fnv(data):
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = ((digest ^ byte) * 0x100000001B3) % 2**64
    return f"{digest:016x}"


def square(image, side, kernel):
    resize = transforms.Resize(side, interpolation=InterpolationMode(kernel))
    return transforms.CenterCrop(CROP)(resize(image))


cases = []
for photograph, part, side, kernel in CASES:
    image = Image.open(PHOTOGRAPHS / f"{photograph}.png").convert("RGB") if photograph else computed(*part)
    if photograph and part:
        left, top, width, height = part
        assert left + width <= image.width and top + height <= image.height
        image = image.crop((left, top, left + width, top + height))
    found = square(image, side, kernel)
    assert found.size == (CROP, CROP)
    data = found.tobytes()
    rows = {str(y): data[y * CROP * 3 : (y + 1) * CROP * 3].hex() for y in (0, CROP // 2, CROP - 1)}
    cases.append({"photograph": photograph, "part": part, "side": side, "kernel": kernel, "digest": fnv(data), "rows": rows})

# Every level in every channel.
levels = Image.frombytes("RGB", (256, 1), bytes(level for level in range(256) for _ in range(3)))
normalise = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
tensor = [[float(f"{x:.8g}") for x in channel] for channel in normalise(levels)[:, 0].tolist()]
made = {"pillow": PIL.__version__, "torchvision": torchvision.__version__, "levels": tensor, "cases": cases}
(HERE / "11-residual-pillow.json").write_text(json.dumps(made, indent=1) + "\n")
