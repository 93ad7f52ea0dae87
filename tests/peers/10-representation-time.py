"""Times PyTorch, ONNX Runtime and OpenVINO on one forward pass of EfficientNet-Lite0: a photograph of 224 × 224 pixels, float32, on
the processor, from pixels to the logits of a thousand classes.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    venv/bin/python tests/peers/10-representation-time.py

The weights are those of data/lite0. `torch_eager` is the package's network with batch normalisation folded in and the channels last in
memory; `torch_compiled` is the same through `torch.compile` with frozen weights; `onnxruntime` and `openvino` get the network as an ONNX
file, with all optimisations of graphs, the second with its hint for latency. Each is warmed up and then timed for four seconds; what is
written, in seconds, is the median, and under `minimum/` the shortest. Nothing else should run. Threads can only be set before the first job
in a process, so each number of threads and each library has a process of its own.
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
WEIGHTS = HERE.parents[2] / "data/lite0/efficientnet-lite0.safetensors"
SIDE = 224
SECONDS = 4


def network():
    """The network, batch normalisation folded into the convolutions."""
    import torch
    from efficientnet_lite_pytorch import EfficientNet
    from safetensors.torch import load_file
    from torch.nn.utils.fusion import fuse_conv_bn_weights

    model = EfficientNet.from_name("efficientnet-lite0").eval()
    missing, unexpected = model.load_state_dict({k: v.float() for k, v in load_file(WEIGHTS).items()}, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)

    def fold(module, conv, norm):
        c, n = getattr(module, conv), getattr(module, norm)
        c.weight, c.bias = fuse_conv_bn_weights(c.weight, c.bias, n.running_mean, n.running_var, n.eps, n.weight, n.bias)
        setattr(module, norm, torch.nn.Identity())

    with torch.no_grad():
        fold(model, "_conv_stem", "_bn0")
        fold(model, "_conv_head", "_bn1")
        for block in model._blocks:
            if hasattr(block, "_expand_conv"):
                fold(block, "_expand_conv", "_bn0")
            fold(block, "_depthwise_conv", "_bn1")
            fold(block, "_project_conv", "_bn2")
    for name, module in list(model.named_modules()):
        if hasattr(module, "static_padding"):
            parent = model.get_submodule(name.rpartition(".")[0])
            setattr(parent, name.rpartition(".")[2], bordered(module))
    return model


def bordered(conv):
    """The convolution with its border of zeros as its own argument, where that is the same on all sides."""
    import torch

    left, right, top, bottom = getattr(conv.static_padding, "padding", (0, 0, 0, 0))
    sizes = (conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride)
    same = left == right and top == bottom
    plain = torch.nn.Conv2d(*sizes, (top, left) if same else 0, groups=conv.groups)
    plain.weight, plain.bias = conv.weight, conv.bias
    return plain if same else torch.nn.Sequential(torch.nn.ZeroPad2d((left, right, top, bottom)), plain)


def picture():
    import torch

    return torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 2 - 1


def torch_eager(threads, _):
    import torch

    torch.set_num_threads(threads)
    model, x = network(), picture()
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)

    def run():
        with torch.inference_mode():
            return model(x).numpy()

    return run


def torch_compiled(threads, _):
    import torch
    import torch._inductor.config as inductor

    torch.set_num_threads(threads)
    inductor.freezing = True
    model, x = network(), picture()
    model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    compiled = torch.compile(model)

    def run():
        with torch.no_grad():
            return compiled(x).numpy()

    return run


def onnxruntime(threads, path):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    x = {session.get_inputs()[0].name: picture().numpy()}
    return lambda: session.run(None, x)[0]


def openvino(threads, path):
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


def measure(name, threads, path):
    run = PEERS[name](threads, path)
    for _ in range(10):
        logits = run()
    import torch

    with torch.inference_mode():
        expected = network()(picture()).numpy()
    error = float(abs(logits - expected).max())
    assert error < 1e-2, f"{name}: logits differ by {error}"
    taken, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(taken) < 10:
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return {"median": sorted(taken)[len(taken) // 2], "minimum": min(taken)}


def export(path):
    """The network as an ONNX file. The borders that PyTorch must add by themselves become arguments of the convolutions."""
    import onnx
    import torch

    model = network()
    torch.onnx.export(model, picture(), path, dynamo=False)
    borders = iter([m.padding for m in model.modules() if isinstance(m, torch.nn.ZeroPad2d)])
    file = onnx.load(path)
    makers = {output: node for node in file.graph.node for output in node.output}
    for node in file.graph.node:
        before = makers.get(node.input[0]) if node.op_type == "Conv" else None
        if before is not None and before.op_type == "Pad":
            left, right, top, bottom = next(borders)
            pads = next(a for a in node.attribute if a.name == "pads")
            pads.ints[:] = [top, left, bottom, right]
            node.input[0] = before.input[0]
    # What nothing reads any more is left out.
    while True:
        read = {name for node in file.graph.node for name in node.input} | {o.name for o in file.graph.output}
        useless = [node for node in file.graph.node if not read.intersection(node.output)]
        if not useless:
            break
        for node in useless:
            file.graph.node.remove(node)
    assert next(borders, None) is None
    onnx.save(file, path)


def processor():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main():
    from importlib.metadata import version

    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    seconds = {}
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "lite0.onnx")
        export(path)
        for threads, prefix in ((1, "one_thread"), (2, "two_threads")):
            for name in PEERS:
                command = [sys.executable, __file__, name, str(threads), path]
                out = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
                times = json.loads(out.splitlines()[-1])
                seconds[f"{prefix}/{name}"] = round(times["median"], 6)
                seconds[f"minimum/{prefix}/{name}"] = round(times["minimum"], 6)
    versions = {name: version(name) for name in ("torch", "onnxruntime", "openvino")}
    versions["python"] = platform.python_version()
    date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    report = {"date": date, "processor": processor(), "versions": versions, "seconds": seconds}
    HERE.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
    else:
        main()
