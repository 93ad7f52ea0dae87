"""Writes 02-features-conventions.json: what the five extractors become under the conventions of others.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/02-features-conventions.py

The pictures are those of 02-features. Their features by the conventions of this book are in 02-features.json.
"""

import json
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

HERE = Path(__file__).parent
COLOUR, GREY = "rgb-chelsea-64x80", "grey-camera-96"


def picture(name):
    return np.array(Image.open(HERE / "02-features" / f"{name}.png"))


def greys(rgb):
    """Levels of grey by OpenCV and by Pillow, whose weights are those of the television of 1982."""
    return {"opencv": cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), "pillow": np.array(Image.fromarray(rgb).convert("L"))}


def colours(rgb):
    """Eight bins a channel, by OpenCV, of pixels in its order: blue, green, red."""
    return cv2.calcHist([rgb[..., ::-1].copy()], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3).ravel() / rgb[..., 0].size


def patterns(levels):
    """Codes by the eight pixels around, without interpolation, and by the circle; the border left out."""
    padded = levels.astype(int)
    c = padded[1:-1, 1:-1]
    ring = [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)]
    h, w = padded.shape
    bits = np.stack([padded[1 + y : h - 1 + y, 1 + x : w - 1 + x] >= c for y, x in ring])
    changes = (bits != np.roll(bits, 1, axis=0)).sum(axis=0)
    square = np.where(changes <= 2, bits.sum(axis=0), 9)
    circle = local_binary_pattern(levels, 8, 1, "uniform")
    inner = circle[1:-1, 1:-1]
    shares = lambda codes: np.histogram(codes, 10, (0, 10))[0] / codes.size
    return {
        "pixels": int(inner.size),
        "other-codes": int((square != inner).sum()),
        "square": shares(square).tolist(),
        "circle": shares(inner).tolist(),
        "with-border": shares(circle).tolist(),
    }


def pairs(levels):
    """Contrast and homogeneity of 256 levels and of 16, to the right, one way round and both."""
    of = lambda cut, n, both, name: float(graycoprops(graycomatrix(cut, [1], [0], n, symmetric=both, normed=True), name)[0, 0])
    return {
        name: {"256": of(levels, 256, False, name), "16": of(levels // 16, 16, False, name), "16-both": of(levels // 16, 16, True, name)}
        for name in ("contrast", "homogeneity", "energy", "correlation")
    }


def gradients(levels):
    """OpenCV's HOG, which shares votes between bins and cells and weighs them by a Gaussian."""
    side = levels.shape[0]
    descriptor = cv2.HOGDescriptor((side, side), (16, 16), (8, 8), (8, 8), 9)
    blocks = side // 8 - 1
    # Blocks and the cells of a block come column by column.
    values = descriptor.compute(levels).reshape(blocks, blocks, 2, 2, 9)
    return values.transpose(1, 0, 3, 2, 4).ravel()


def main():
    rgb, levels = picture(COLOUR), picture(GREY)
    return {
        "versions": {"opencv": cv2.__version__, "scikit-image": skimage.__version__, "pillow": Image.__version__, "numpy": np.__version__},
        "colour": COLOUR,
        "grey": GREY,
        "greys": {name: grey.ravel().tolist() for name, grey in greys(rgb).items()},
        "colours": [float(f"{share:.9g}") for share in colours(rgb)],
        "hu": cv2.HuMoments(cv2.moments(levels)).ravel().tolist(),
        "patterns": patterns(levels),
        "pairs": pairs(levels),
        "gradients": [float(f"{value:.6g}") for value in gradients(levels)],
    }


if __name__ == "__main__":
    Path(__file__).with_suffix(".json").write_text(json.dumps(main()) + "\n")
