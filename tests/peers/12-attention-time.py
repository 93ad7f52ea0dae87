"""Times PyTorch, ONNX Runtime and OpenVINO on one forward pass of ViT-L/32 as torchvision builds it: a picture of 224 × 224 pixels,
float32, on the processor, from pixels to the logits of a thousand classes.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt
    cargo bench -p attention --no-run
    venv/bin/python tests/peers/12-attention-time.py [ROUNDS [NETWORK...]]

Weights are random, because times do not depend on them. `torch_eager` is the network as torchvision gives it, whose attention takes
PyTorch's fast path; `torch_compiled` goes through `torch.compile` with frozen weights; `onnxruntime` and `openvino` get the network as
an ONNX file, with all optimisations of graphs, the second with its hint for latency. Each is warmed up and then timed for three
seconds, by turns with ours, as `turns.py` says. Nothing else should run.
"""

from turns import main, onnxruntime, openvino, picture

NETWORKS = ["vit_l_32"]


def network(name):
    """The network with random weights; torchvision begins with a last layer of zeros, which would hide every fault."""
    import torch
    import torchvision

    torch.manual_seed(1)
    model = torchvision.models.get_model(name).eval()
    torch.nn.init.normal_(model.heads.head.weight, std=0.05)
    torch.nn.init.normal_(model.class_token, std=0.5)
    return model


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


PEERS = {job.__name__: job for job in (torch_eager, torch_compiled, onnxruntime, openvino)}

if __name__ == "__main__":
    main(__file__, "attention", network, PEERS, NETWORKS)
