"""Times PyTorch, ONNX Runtime and OpenVINO on one forward pass of ResNet-152 and of MobileNetV3-Large, as torchvision builds them: an
image of 224 × 224 pixels, float32, on the processor, from pixels to the logits of a thousand classes.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    cargo bench -p residual --no-run
    venv/bin/python tests/peers/11-residual-time.py [ROUNDS [NETWORK...]]

Weights are random, because times do not depend on them. `torch_eager` is the network as torchvision gives it, with the channels last or
first in memory, whichever is faster; `torch_folded` is the same with each batch normalisation folded into the convolution before it;
`torch_compiled` goes through `torch.compile` with frozen weights, in the faster of the two orders; `onnxruntime` and `openvino` get the
network as an ONNX file, with all optimisations of graphs, the second with its hint for latency. Each is
warmed up and then timed for three seconds, by turns with ours, as `turns.py` says. Nothing else should run.
"""

from turns import main, onnxruntime, openvino, picture, seconds_of

NETWORKS = ["resnet152", "mobilenet_v3_large"]


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


def in_both_orders(make, threads):
    """The faster of the network with the channels last and first."""
    import torch

    torch.set_num_threads(threads)
    runs = []
    for order in (torch.channels_last, torch.contiguous_format):
        model, x = make().to(memory_format=order), picture().to(memory_format=order)

        def run(model=model, x=x):
            with torch.inference_mode():
                return model(x).numpy()

        seconds_of(run, 1)
        runs.append((min(seconds_of(run, 1)), len(runs), run))
    return min(runs)[2]


def torch_eager(name, threads, _):
    return in_both_orders(lambda: network(name), threads)


def torch_folded(name, threads, _):
    return in_both_orders(lambda: folded(name), threads)


def torch_compiled(name, threads, _):
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

        seconds_of(run, 1)
        runs.append((min(seconds_of(run, 1)), len(runs), run))
    return min(runs)[2]


PEERS = {job.__name__: job for job in (torch_eager, torch_folded, torch_compiled, onnxruntime, openvino)}

if __name__ == "__main__":
    main(__file__, "residual", network, PEERS, NETWORKS)
