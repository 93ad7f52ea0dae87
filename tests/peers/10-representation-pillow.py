"""Makes 10-representation-pillow.json: photographs of the workspace, and parts of them, cut and resized by Pillow.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation-pillow.py

The square in the middle is cut out as the original's evaluation does it, then Pillow's BICUBIC makes it 224 (or another number of)
pixels wide. Of each result there are three rows and a checksum of all bytes (FNV-1a, 64 bits).
"""

import json
import pathlib

import PIL
from PIL import Image

HERE = pathlib.Path(__file__).parent
PHOTOGRAPHS = HERE.parents[1] / "data/photographs"

# Photograph, part of it (left, top, width, height; None is all), side of the result.
CASES = [
    ("chelsea", None, 224),
    ("coffee", None, 224),
    ("astronaut", None, 224),
    ("retina", None, 224),
    ("brick", None, 224),
    ("coffee", None, 75),
    ("hubble", None, 288),
    ("retina", (3, 5, 137, 136), 120),
    ("coffee", (50, 50, 61, 40), 224),
    ("chelsea", (60, 60, 9, 7), 224),
    ("chelsea", (70, 60, 2, 3), 224),
    ("coffee", (100, 10, 3, 90), 96),
    ("astronaut", (60, 50, 40, 40), 35),
    ("brick", None, 64),
    # Computed, because the photographs of the workspace are small: width and height.
    (None, (1000, 701), 224),
    (None, (333, 1290), 224),
    (None, (228, 228), 224),
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


def square(image, side):
    width, height = image.size
    cut = int(side / (side + 32) * min(height, width))
    top, left = (height - cut + 1) // 2, (width - cut + 1) // 2
    return image.crop((left, top, left + cut, top + cut)).resize((side, side), Image.BICUBIC)


cases = []
for photograph, part, side in CASES:
    image = Image.open(PHOTOGRAPHS / f"{photograph}.png").convert("RGB") if photograph else computed(*part)
    if photograph and part:
        left, top, width, height = part
        assert left + width <= image.width and top + height <= image.height
        image = image.crop((left, top, left + width, top + height))
    data = square(image, side).tobytes()
    rows = {str(y): data[y * side * 3 : (y + 1) * side * 3].hex() for y in (0, side // 2, side - 1)}
    cases.append({"photograph": photograph, "part": part, "side": side, "digest": fnv(data), "rows": rows})

made = {"pillow": PIL.__version__, "cases": cases}
(HERE / "10-representation-pillow.json").write_text(json.dumps(made, indent=1) + "\n")
