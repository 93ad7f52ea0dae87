"""Makes 02-features/*.png and 02-features.json: images and what scikit-image extracts from them.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/02-features.py
"""
import json
from pathlib import Path

import numpy as np
import skimage
from PIL import Image
from skimage import data
from skimage.color import rgb2gray, rgba2rgb
from skimage.feature import graycomatrix, graycoprops, hog, local_binary_pattern
from skimage.measure import moments_central, moments_hu, moments_normalized
from skimage.util import img_as_float


def images():
    """Name and pixels of every fixture: sizes from 16 to 96, grey, colour, alpha, 8 and 16 bits."""
    rng = np.random.default_rng(20)
    rows, columns = np.mgrid[:28, :28]
    yield "grey-noise-28", rng.integers(0, 256, (28, 28), dtype=np.uint8)
    yield "grey-disc-28", (((rows - 12) ** 2 + (columns - 15) ** 2 < 60) * 200).astype(np.uint8)
    yield "grey-flat-16", np.full((16, 16), 77, dtype=np.uint8)
    yield "grey-saturated-40x24", np.clip(rng.normal(200, 80, (40, 24)), 0, 255).astype(np.uint8)
    yield "grey-camera-96", data.camera()[100:292:2, 180:372:2].copy()
    yield "grey-brick-33x47", data.brick()[:33, :47].copy()
    yield "grey-16-bit-32", (rng.integers(0, 65536, (32, 32))).astype(np.uint16)
    yield "grey-alpha-32", rng.integers(0, 256, (32, 32, 2), dtype=np.uint8)
    yield "rgb-chelsea-64x80", data.chelsea()[80:144, 120:200].copy()
    yield "rgb-astronaut-96", data.astronaut()[20:116, 170:266].copy()
    yield "rgb-coffee-50x70", data.coffee()[100:300:4, 120:400:4].copy()
    yield "rgb-noise-31x17", rng.integers(0, 256, (31, 17, 3), dtype=np.uint8)
    yield "rgba-cat-48", np.dstack([data.chelsea()[60:108, 150:198], rng.integers(0, 256, (48, 48), dtype=np.uint8)])
    ramp = np.linspace(0, 255, 24 * 36).reshape(24, 36).astype(np.uint8)
    yield "rgba-ramp-24x36", np.dstack([ramp, ramp[::-1], ramp[:, ::-1], 255 - ramp])


def planes(pixels):
    """Greyscale on [0, 1] and colours on [0, 1], alpha composited on white."""
    if pixels.ndim == 2:
        grey = img_as_float(pixels)
        return grey, np.dstack([grey] * 3)
    values = img_as_float(pixels)
    if pixels.shape[2] == 2:
        grey = (1 - values[..., 1]) + values[..., 1] * values[..., 0]
        return grey, np.dstack([grey] * 3)
    rgb = rgba2rgb(pixels) if pixels.shape[2] == 4 else values
    return rgb2gray(rgb), rgb


def extract(pixels):
    grey, rgb = planes(pixels)
    # ANCHOR: extract
    levels = np.round(grey * 255).astype(np.uint8)
    bins = np.round(rgb * 255).astype(int) * 8 // 256
    index = 64 * bins[..., 0] + 8 * bins[..., 1] + bins[..., 2]
    histogram = np.bincount(index.ravel(), minlength=512) / index.size
    codes = local_binary_pattern(levels, 8, 1, "uniform")
    lbp = np.histogram(codes, 10, (0, 10))[0] / codes.size
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrix = graycomatrix(levels // 16, [1], angles, 16, symmetric=True, normed=True)
    names = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation")
    glcm = np.array([graycoprops(matrix, name).mean() for name in names])
    hu = moments_hu(moments_normalized(moments_central(grey)))
    gradients = hog(grey, 9, (8, 8), (2, 2), block_norm="L2-Hys")
    # ANCHOR_END: extract
    small = hog(grey, 9, (7, 7), (2, 2), block_norm="L2-Hys")
    raw = moments_hu(moments_normalized(moments_central(levels.astype(float))))
    six = hog(grey, 6, (4, 5), (3, 2), block_norm="L2-Hys")
    values = {"colour-histogram": histogram, "hu": hu, "lbp": lbp, "glcm": glcm, "hog": gradients, "hu-raw": raw}
    if grey.size < 2000:  # other parameters, on the small images only
        values |= {"hog-7": small, "hog-6-4x5-3x2": six}
    return values


def main(out):
    expected = {}
    for name, pixels in images():
        mode = "LA" if pixels.ndim == 3 and pixels.shape[2] == 2 else None
        Image.fromarray(pixels, mode=mode).save(out / f"{name}.png")
        expected[name] = {key: [float(f"{value:.9g}") for value in values] for key, values in extract(pixels).items()}
    versions = {"scikit-image": skimage.__version__, "numpy": np.__version__}
    with open(out.with_suffix(".json"), "w") as file:
        json.dump({"versions": versions, "images": expected}, file)


if __name__ == "__main__":
    main(Path(__file__).with_suffix(""))
