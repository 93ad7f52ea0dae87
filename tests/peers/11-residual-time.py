"""Times PyTorch, ONNX Runtime and OpenVINO on one forward pass of ResNet-152 and of MobileNetV3-Large, as torchvision builds them: an
image of 224 × 224 pixels, float32, on the processor, from pixels to the logits of a thousand classes.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    cargo bench -p residual --no-run
    venv/bin/python tests/peers/11-residual-time.py [ROUNDS [NETWORK...]]

Weights are random, because times do not depend on them. `torch_eager` is the network as torchvision gives it, with the channels last or
first in memory, whichever is faster; `torch_folded` is the same with each batch normalisation folded into the convolution before it;
`torch_compiled` goes through `torch.compile` with frozen weights, in the faster of the two orders; `onnxruntime` and `openvino` get the
network as an ONNX file, with all optimisations of graphs, the second with its hint for latency. Each is warmed up and then timed for
three seconds; what is written, in seconds, is the median, and under `minimum/` the shortest.

The speed of a machine drifts by more than these programs differ. So after a first round of everything there are four more, if nothing
is said, of those that are compared on two threads, and in each round ours has its turn as well, by its bench. Under `ratios` stands for
each round how many times as long as ours the others took. Nothing else should run.
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

HERE = pathlib.Path(__file__)
NETWORKS = ["resnet152", "mobilenet_v3_large"]
SIDE = 224
SECONDS = 3
COMPARED = ["torch_eager", "onnxruntime", "openvino"]
ROOT = HERE.parents[2]


def network(name):
    """The network with random weights that keep the size of what passes through."""
    import torch
    import torchvision

    torch.manual_seed(1)
    model = torchvision.models.get_model(name).eval()
    for norm in model.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(norm.weight, 0.25, 0.75)
            torch.nn.init.uniform_(norm.bias, -0.1, 0.1)
            norm.running_mean.uniform_(-0.1, 0.1)
            norm.running_var.uniform_(0.75, 1.25)
    return model


def folded(name):
    from torch.fx.experimental.optimization import fuse

    return fuse(network(name))


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


def in_both_orders(make, threads, seconds):
    """The faster of the network with the channels last and first."""
    import torch

    torch.set_num_threads(threads)
    runs = []
    for order in (torch.channels_last, torch.contiguous_format):
        model, x = make().to(memory_format=order), picture().to(memory_format=order)

        def run(model=model, x=x):
            with torch.inference_mode():
                return model(x).numpy()

        seconds_of(run, seconds)
        runs.append((min(seconds_of(run, seconds)), len(runs), run))
    return min(runs)[2]


def torch_eager(name, threads, _, seconds):
    return in_both_orders(lambda: network(name), threads, seconds)


def torch_folded(name, threads, _, seconds):
    return in_both_orders(lambda: folded(name), threads, seconds)


def torch_compiled(name, threads, _, seconds):
    import torch
    import torch._inductor.config as inductor

    torch.set_num_threads(threads)
    inductor.freezing = True
    runs = []
    for order in (torch.channels_last, torch.contiguous_format):
        torch.compiler.reset()
        model, x = network(name).to(memory_format=order), picture().to(memory_format=order)
        compiled = torch.compile(model)

        def run(compiled=compiled, x=x):
            with torch.no_grad():
                return compiled(x).numpy()

        seconds_of(run, seconds)
        runs.append((min(seconds_of(run, seconds)), len(runs), run))
    return min(runs)[2]


def onnxruntime(_, threads, path, __):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x = {session.get_inputs()[0].name: picture().numpy()}
    return lambda: session.run(None, x)[0]


def openvino(_, threads, path, __):
    import openvino as ov

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads}
    core = ov.Core()
    request = core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
    request.set_input_tensor(ov.Tensor(picture().numpy()))

    def run():
        request.infer()
        return request.get_output_tensor().data

    return run


PEERS = {job.__name__: job for job in (torch_eager, torch_folded, torch_compiled, onnxruntime, openvino)}


def measure(peer, name, threads, path, seconds):
    run = PEERS[peer](name, threads, path, min(seconds, 1))
    seconds_of(run, min(seconds, 1))
    logits = run().copy()
    import torch

    with torch.inference_mode():
        expected = network(name)(picture()).numpy()
    error = float(abs(logits - expected).max() / abs(expected).max())
    assert error < 1e-3, f"{peer}: logits differ by {error}"
    taken = seconds_of(run, seconds)
    return {"median": sorted(taken)[len(taken) // 2], "minimum": min(taken)}


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def ours(name, threads):
    """The median of our bench, in seconds."""
    bench = f"residual/{threads}/{name}_forward"
    command = ["cargo", "bench", "--quiet", "-p", "residual", "--bench", "residual", "--", "--exact", bench]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    estimates = ROOT / "target" / "criterion" / bench / "new" / "estimates.json"
    return json.loads(estimates.read_text())["median"]["point_estimate"] / 1e9


def theirs(peer, name, threads, path):
    """Median and shortest time of another program, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    command = [sys.executable, __file__, peer, name, str(threads), path]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
    return json.loads(out.splitlines()[-1])


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def main(rounds, names):
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
                    own = ours(name, prefix)
                    seconds.setdefault(f"{job}/ours", []).append(own)
                    for peer in COMPARED if turn else PEERS:
                        times = theirs(peer, name, threads, path)
                        print(turn + 1, job, f"ours {own:.6f}", peer, times, flush=True)
                        seconds.setdefault(f"{job}/{peer}", []).append(times["median"])
                        seconds.setdefault(f"minimum/{job}/{peer}", []).append(times["minimum"])
                        ratios.setdefault(f"{job}/{peer}", []).append(round(times["median"] / own, 4))
    versions = {name: version(name) for name in ("torch", "torchvision", "onnxruntime", "openvino")}
    versions["python"] = platform.python_version()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    seconds = {job: round(median(times), 6) for job, times in seconds.items()}
    ratios = {job: rounds for job, rounds in ratios.items() if len(rounds) > 1}
    report = {"date": date, "processor": processor(), "versions": versions, "seconds": seconds, "ratios": ratios}
    HERE.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 5:
        print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], SECONDS)))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, sys.argv[2:] or NETWORKS)
