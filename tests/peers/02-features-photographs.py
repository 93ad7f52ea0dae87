"""Cuts the chapter's photographs out of scikit-image's wheel, small enough to be committed.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/02-features-photographs.py OUT

Sources and licences are listed in DATA.md. Textures are reduced by a half, colour photographs as far
as their subject allows; every file is a PNG, so that all decoders agree on its pixels.
"""
import sys
from pathlib import Path

import numpy as np
import skimage
from skimage import io
from skimage.transform import resize

# name, file in skimage/data, crop (top, left, side), side that is kept
CUTS = [
    ("brick", "brick.png", (0, 0, 512), 256),
    ("grass", "grass.png", (0, 0, 512), 256),
    ("gravel", "gravel.png", (0, 0, 512), 256),
    ("astronaut", "astronaut.png", (0, 0, 512), 192),
    ("chelsea", "chelsea.png", (0, 76, 300), 192),
    ("coffee", "coffee.png", (0, 100, 400), 192),
    ("hubble", "hubble_deep_field.jpg", (100, 100, 384), 192),
    ("retina", "retina.jpg", (250, 250, 900), 192),
]


def main(out):
    folder = Path(skimage.__file__).parent / "data"
    for name, file, (top, left, side), kept in CUTS:
        picture = io.imread(folder / file)[top : top + side, left : left + side]
        small = resize(picture, (kept, kept), anti_aliasing=True)
        io.imsave(out / f"{name}.png", np.rint(small * 255).astype(np.uint8), check_contrast=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
