"""Times scikit-image on the jobs of benches/features.rs: five extractors, Fashion-MNIST's test images.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/02-features-time.py

scikit-image uses one thread. Each job runs on 2,000 of the 10,000 images, is warmed up once and timed three
times; the median, times five, is what is written, in seconds for 10,000 images.
"""
import gzip
import json
import platform
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import skimage
from skimage.feature import graycomatrix, graycoprops, hog, local_binary_pattern
from skimage.measure import moments_central, moments_hu, moments_normalized

PART, TOTAL = 2_000, 10_000
ANGLES = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation")


def hog_10k(image):
    hog(image, orientations=9, pixels_per_cell=(7, 7), cells_per_block=(2, 2))


def lbp_10k(image):
    np.histogram(local_binary_pattern(image, 8, 1, "uniform"), 10, (0, 10))


def glcm_10k(image):
    matrix = graycomatrix(image // 16, [1], ANGLES, 16, True, True)
    for name in PROPERTIES:
        graycoprops(matrix, name)


def hu_10k(image):
    moments_hu(moments_normalized(moments_central(image.astype(float))))


def median_seconds(job, images):
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        for image in images:
            job(image)
        taken.append(time.perf_counter() - start)
    return sorted(taken[1:])[1] * TOTAL / len(images)


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main(folder):
    data = gzip.open(f"{folder}/t10k-images-idx3-ubyte.gz").read()
    images = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 28, 28)[:PART].copy()
    np.seterr(all="ignore")
    seconds = {job.__name__: round(median_seconds(job, images), 4) for job in (hog_10k, lbp_10k, glcm_10k, hu_10k)}
    versions = {"scikit-image": skimage.__version__, "numpy": np.__version__, "python": platform.python_version()}
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {"date": date, "processor": processor(), "threads": 1, "versions": versions, "seconds": seconds}
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(__file__).parents[2] / "data/fashion-mnist")
