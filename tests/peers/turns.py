"""Times other programs on a network's forward pass, by turns with ours.

The speed of a machine drifts by more than these programs differ. So after a first round of everything there are four more, if nothing is
said, of those that are compared on two threads, and in each round ours has its turn as well, by its bench. What is written, in seconds,
is the median, and under `minimum/` the shortest; under `ratios` stands for each round how many times as long as ours the others took.

Threads can only be set before the first job in a process, so each number of threads and each library has a process of its own.
"""

import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 3
COMPARED = ["torch_eager", "onnxruntime", "openvino"]


def picture(side=224):
    import torch

    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1)) * 2 - 1


def seconds_of(run, seconds):
    taken, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < (10 if seconds >= 1 else 2):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return taken


def onnxruntime(_, threads, path):
    """ONNX Runtime with all its optimisations of graphs."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x = {session.get_inputs()[0].name: picture().numpy()}
    return lambda: session.run(None, x)[0]


def openvino(_, threads, path):
    """OpenVINO with its hint for latency."""
    import openvino as ov

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    core = ov.Core()
    request = core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
    request.set_input_tensor(ov.Tensor(picture().numpy()))

    def run():
        request.infer()
        return request.get_output_tensor().data

    return run


def measure(network, make, name, threads, path):
    """Median and shortest time of a program, warmed up, whose logits are those of the network."""
    run = make(name, threads, path)
    seconds_of(run, 1)
    logits = run().copy()
    import torch

    with torch.inference_mode():
        expected = network(name)(picture()).numpy()
    error = float(abs(logits - expected).max() / abs(expected).max())
    assert error < 1e-3, f"{make.__name__}: logits differ by {error}"
    taken = seconds_of(run, SECONDS)
    return {"median": median(taken), "minimum": min(taken)}


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def ours(chapter, name, threads):
    """The median of our bench, in seconds."""
    bench = f"{chapter}/{threads}/{name}_forward"
    command = ["cargo", "bench", "--quiet", "-p", chapter, "--bench", chapter, "--", "--exact", bench]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    estimates = ROOT / "target" / "criterion" / bench / "new" / "estimates.json"
    return json.loads(estimates.read_text())["median"]["point_estimate"] / 1e9


def theirs(script, peer, name, threads, path):
    """Median and shortest time of another program, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    command = [sys.executable, script, peer, name, str(threads), path]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
    return json.loads(out.splitlines()[-1])


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def take(script, chapter, network, peers, rounds, names):
    """Takes turns, and writes the report beside the script."""
    from importlib.metadata import version

    import torch

    seconds, ratios = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: str(pathlib.Path(folder) / f"{name}.onnx") for name in names}
        for name, path in paths.items():
            torch.onnx.export(network(name), picture(), path, dynamo=False)
        for turn in range(rounds):
            for name, path in paths.items():
                for threads, prefix in ((1, "one_thread"), (2, "two_threads"))[turn > 0 :]:
                    job = f"{name}/{prefix}"
                    own = ours(chapter, name, prefix)
                    seconds.setdefault(f"{job}/ours", []).append(own)
                    for peer in COMPARED if turn else peers:
                        times = theirs(script, peer, name, threads, path)
                        print(turn + 1, job, f"ours {own:.6f}", peer, times, flush=True)
                        seconds.setdefault(f"{job}/{peer}", []).append(times["median"])
                        seconds.setdefault(f"minimum/{job}/{peer}", []).append(times["minimum"])
                        ratios.setdefault(f"{job}/{peer}", []).append(round(times["median"] / own, 4))
    versions = {name: version(name) for name in ("torch", "torchvision", "onnxruntime", "openvino")}
    versions["python"] = platform.python_version()
    report = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "processor": processor(),
        "versions": versions,
        "seconds": {job: round(median(times), 6) for job, times in seconds.items()},
        "ratios": {job: of for job, of in ratios.items() if len(of) > 1},
    }
    pathlib.Path(script).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


def main(script, chapter, network, peers, names):
    """`PEER NETWORK THREADS ONNX` measures one; else `[ROUNDS [NETWORK...]]`."""
    if len(sys.argv) == 5 and sys.argv[1] in peers:
        peer, name, threads, path = sys.argv[1:]
        print(json.dumps(measure(network, peers[peer], name, int(threads), path)))
    else:
        rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
        take(script, chapter, network, peers, rounds, sys.argv[2:] or names)
