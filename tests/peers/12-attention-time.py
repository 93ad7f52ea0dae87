"""Times PyTorch, ONNX Runtime and OpenVINO on one forward pass of ViT-L/32 as torchvision builds it: a picture of 224 × 224 pixels,
float32, on the processor, from pixels to the logits of a thousand classes.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/12-attention-time.py [SECONDS [NETWORK...]]

Weights are random, because times do not depend on them. `torch_eager` is the network as torchvision gives it, whose attention takes
PyTorch's fast path; `torch_compiled` goes through `torch.compile` with frozen weights; `onnxruntime` and `openvino` get the network as
an ONNX file, with all optimisations of graphs, the second with its hint for latency. Each is warmed up and then timed for some seconds,
four if nothing is said; what is written, in seconds, is the median, and under `minimum/` the shortest. Nothing else should run. Threads
can only be set before the first job in a process, so each number of threads and each library has a process of its own.
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

HERE = pathlib.Path(__file__)
NETWORKS = ["vit_l_32"]
SIDE = 224


def network(name):
    """The network with random weights; torchvision begins with a last layer of zeros, which would hide every fault."""
    import torch
    import torchvision

    torch.manual_seed(1)
    model = torchvision.models.get_model(name).eval()
    torch.nn.init.normal_(model.heads.head.weight, std=0.05)
    torch.nn.init.normal_(model.class_token, std=0.5)
    return model


def picture():
    import torch

    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 2 - 1


def seconds_of(run, seconds):
    taken, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < (10 if seconds >= 1 else 2):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return taken


def torch_eager(name, threads, _):
    import torch

    torch.set_num_threads(threads)
    model, x = network(name), picture()

    def run():
        with torch.inference_mode():
            return model(x).numpy()

    return run


def torch_compiled(name, threads, _):
    import torch
    import torch._inductor.config as inductor

    torch.set_num_threads(threads)
    inductor.freezing = True
    model, x = torch.compile(network(name)), picture()

    def run():
        with torch.no_grad():
            return model(x).numpy()

    return run


def onnxruntime(_, threads, path):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x = {session.get_inputs()[0].name: picture().numpy()}
    return lambda: session.run(None, x)[0]


def openvino(_, threads, path):
    import openvino as ov

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    core = ov.Core()
    request = core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
    request.set_input_tensor(ov.Tensor(picture().numpy()))

    def run():
        request.infer()
        return request.get_output_tensor().data

    return run


PEERS = {job.__name__: job for job in (torch_eager, torch_compiled, onnxruntime, openvino)}


def measure(peer, name, threads, path, seconds):
    run = PEERS[peer](name, threads, path)
    seconds_of(run, min(seconds, 1))
    logits = run().copy()
    taken = seconds_of(run, seconds)
    import torch

    with torch.inference_mode():
        expected = network(name)(picture()).numpy()
    error = float(abs(logits - expected).max() / abs(expected).max())
    assert error < 1e-3, f"{peer}: logits differ by {error}"
    return {"median": sorted(taken)[len(taken) // 2], "minimum": min(taken)}


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main(each, names):
    from importlib.metadata import version

    import torch

    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = str(pathlib.Path(folder) / f"{name}.onnx")
            torch.onnx.export(network(name), picture(), path, dynamo=False)
            for threads, prefix in ((1, "one_thread"), (2, "two_threads")):
                for peer in PEERS:
                    command = [sys.executable, __file__, peer, name, str(threads), path, str(each)]
                    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
                    times = json.loads(out.splitlines()[-1])
                    print(name, prefix, peer, times, flush=True)
                    seconds[f"{name}/{prefix}/{peer}"] = round(times["median"], 6)
                    seconds[f"minimum/{name}/{prefix}/{peer}"] = round(times["minimum"], 6)
    versions = {name: version(name) for name in ("torch", "torchvision", "onnxruntime", "openvino")}
    versions["python"] = platform.python_version()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {"date": date, "processor": processor(), "versions": versions, "seconds": seconds}
    HERE.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 6:
        print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], float(sys.argv[5]))))
    else:
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 4, sys.argv[2:] or NETWORKS)
