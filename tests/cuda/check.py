"""Everything that CUDA runs, in one script of at most eight minutes, which prints one JSON object.

    python tests/cuda/check.py [--device cuda|cpu] [--small]

ensembles: each kind and recipe on the device against the CPU, float64, largest difference of a parameter after some steps;
streams: bit for bit; norms and summaries: upper bounds, margins and errors of a network on the device against the CPU's;
throughput: network-steps per second of 40-64-64-10 at two numbers of networks, float32, and the memory traffic of 32 bytes for each
parameter and step as a share of what the device copies; graphs: a step of plain products, replayed as a CUDA graph and called one by one.

Each section says whether it is ``ok``; one that stops says with what. The exit status is 1 if one is not. ``--small`` is for the CPU,
where the tests run it: the logic is the same, and the figures mean nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models import summarize
from genbounds.models.ensemble import Adam, Ensemble, IndexSamples, ModuleEnsemble
from genbounds.models.ensemble.tiles import parameter_count
from genbounds.models.networks import AttentionNetwork, ConvolutionalNetwork, RecurrentNetwork
from genbounds.models.randomness.streams import Stream

TOLERANCE = 1e-9
"""Between float64 on two devices after a few steps: sums are rounded otherwise."""
WIDTHS = (40, 64, 64, 10)
RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "permutation": {"order": "permutation"},
    "full": {"order": "full", "batch_size": None},
    "momentum and decay": {"momentum": 0.9, "weight_decay": 0.01},
    "Adam": {"adam": Adam()},
    "projection": {"projection_radius": 1.0},
}
MODULES: dict[str, tuple[tuple[int, ...], Callable[[], nn.Module]]] = {
    "convolutional": ((1, 8, 8), lambda: ConvolutionalNetwork((1, 8, 8), (4,), 3)),
    "recurrent": ((8, 8), lambda: RecurrentNetwork(8, 6, 3)),
    "attention": ((8, 8), lambda: AttentionNetwork(8, 8, 8, 1, 3, residual=True, normalisation="layer")),
}


def ensembles(device: str, small: bool) -> dict[str, Any]:
    """Largest difference of a parameter between the device and the CPU, by kind and recipe."""
    steps = 5 if small else 50
    found: dict[str, float] = {}
    for activation in ("relu", "tanh"):
        for name, recipe in RECIPES.items():
            both = [_dense(where, activation, recipe, steps) for where in ("cpu", device)]
            found[f"{activation}, {name}"] = _gap(*both)
    for name, (shape, build) in MODULES.items():
        both = [_module(where, shape, build, steps) for where in ("cpu", device)]
        found[name] = _gap(*both)
    return {"ok": max(found.values()) <= TOLERANCE, "largest difference": found}


def _dense(device: str, activation: str, recipe: dict[str, Any], steps: int) -> list[Tensor]:
    ensemble = Ensemble((64, 8, 3), activation, networks=5, stream=Stream("cuda check", "dense"), device=device, dtype=torch.float64)
    return _after(ensemble, {"batch_size": 8, **recipe}, steps)


def _module(device: str, shape: tuple[int, ...], build: Callable[[], nn.Module], steps: int) -> list[Tensor]:
    stream = Stream("cuda check", "modules")
    ensemble = ModuleEnsemble(build(), shape, 3, networks=3, stream=stream, device=device, dtype=torch.float64)
    return _after(ensemble, {"batch_size": 8}, min(steps, 10))


def _after(ensemble: Any, recipe: dict[str, Any], steps: int) -> list[Tensor]:
    inputs, labels = _pool(60)
    ensemble.train(inputs, labels, IndexSamples(torch.arange(60)), steps=steps, learning_rate=0.05, **recipe)
    return [parameter.cpu() for parameter in ensemble.parameters]


def _pool(examples: int) -> tuple[Tensor, Tensor]:
    inputs = Stream("cuda check", "inputs").normal(range(examples), 0, 64)
    return inputs, inputs[:, :3].argmax(1)


def _gap(one: list[Tensor], other: list[Tensor]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(one, other, strict=True))


def streams(device: str, small: bool) -> dict[str, Any]:
    """Uniform numbers, whole numbers and permutations bit for bit; normal ones within a few units of the last place."""
    networks, count = (range(3), 50) if small else (range(200), 5000)
    here = Stream("cuda check", "streams")
    there = here.on(device)
    same = {
        "uniform": torch.equal(here.uniform(networks, 7, count), there.uniform(networks, 7, count).cpu()),
        "integers": torch.equal(here.integers(networks, 7, count, 1000), there.integers(networks, 7, count, 1000).cpu()),
        "permutation": torch.equal(here.permutation(networks, 3, count), there.permutation(networks, 3, count).cpu()),
    }
    normal = float((here.normal(networks, 7, count) - there.normal(networks, 7, count).cpu()).abs().max())
    return {"ok": all(same.values()) and normal <= 1e-12, "bit for bit": same, "normal, largest difference": normal}


def summaries(device: str, small: bool) -> dict[str, Any]:
    """``summarize`` of tensors on the device: certified norms, margins, errors and the Lipschitz constant, compared with the CPU's."""
    inputs, labels = _pool(20 if small else 500)
    found: dict[str, Any] = {}
    for name, (shape, build) in MODULES.items():
        model, draw = build().double(), torch.Generator().manual_seed(0)
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.3, generator=draw)
        images = inputs.reshape(-1, *shape)
        here = summarize(model, images, labels)
        there = summarize(model.to(device), images.to(device), labels.to(device))
        norms = zip(here.spectral_norms.value, there.spectral_norms.value, strict=True)  # type: ignore[arg-type]
        found[name] = {
            "errors": here.errors == there.errors,
            "margins": float(abs(here.margins - there.margins).max()),
            "spectral norms": max(abs(float(a) - float(b)) for a, b in norms),
        }
    fine = all(one["errors"] and max(one["margins"], one["spectral norms"]) <= TOLERANCE for one in found.values())
    return {"ok": fine, **found}


def throughput(device: str, small: bool) -> dict[str, Any]:
    """Network-steps per second, and the share of the memory bandwidth that they move."""
    bandwidth = _copied_bytes_per_second(device, 1 << (16 if small else 28))
    found: dict[str, Any] = {"ok": True, "architecture": "-".join(map(str, WIDTHS)), "copied bytes per second": round(bandwidth)}
    for networks in (4, 16) if small else (4096, 65536):
        elapsed = _step_time(networks, device, 5 if small else 50)
        found[f"{networks} networks"] = {
            "network-steps per second": round(1 / elapsed),
            "share of the bandwidth": round(32 * parameter_count(WIDTHS) / elapsed / bandwidth, 4),
        }
    return found


def _copied_bytes_per_second(device: str, numbers: int) -> float:
    """Bytes read and written, the best of five copies."""
    block = torch.ones(numbers, device=device)
    target = torch.empty_like(block)
    return 2 * block.nbytes / min(_seconds(lambda: target.copy_(block), device) for _ in range(5))


def _step_time(networks: int, device: str, steps: int) -> float:
    """Seconds for a step of one network, the least of three runs after one that warms up."""
    stream = Stream("cuda check", "training", device)
    ensemble = Ensemble(WIDTHS, "relu", networks=networks, stream=stream, device=device)
    inputs = Stream("cuda check", "speed").normal(range(100), 0, WIDTHS[0]).float().to(device)
    labels = (inputs.sum(dim=1) > 0).long()
    samples = IndexSamples.draw(stream.sub("sample"), range(networks), 100, 100)
    settings: dict[str, Any] = {"steps": steps, "batch_size": 32, "learning_rate": 0.05, "order": "permutation"}
    times = [_seconds(lambda: ensemble.train(inputs, labels, samples, **settings), device) for _ in range(4)]
    return min(times[1:]) / (steps * networks)


def graphs(device: str, small: bool) -> dict[str, Any]:
    """A forward and a backward pass of stacked dense layers: called one by one, and replayed as one CUDA graph with the same result."""
    networks, repeats = (4, 3) if small else (4096, 50)
    weights = [torch.randn(networks, b, a, device=device) / a**0.5 for a, b in itertools.pairwise(WIDTHS)]
    batch = torch.randn(networks, 32, WIDTHS[0], device=device)
    results = [torch.empty_like(weight) for weight in weights]

    def step() -> None:
        layers = [batch]
        for weight in weights:
            layers.append(torch.relu(torch.bmm(layers[-1], weight.mT)))
        gradient = layers[-1]
        for index in reversed(range(len(weights))):
            torch.bmm(gradient.mT, layers[index], out=results[index])
            gradient = torch.bmm(gradient, weights[index]) * (layers[index] > 0)

    step()
    wanted = [result.clone() for result in results]
    one_by_one = min(_seconds(step, device) for _ in range(repeats))
    if device != "cuda":
        return {"ok": True, "graph": "none: the device is no CUDA device", "seconds one by one": one_by_one}
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    for result in results:
        result.zero_()
    replayed = min(_seconds(graph.replay, device) for _ in range(repeats))
    gap = max(float((a - b).abs().max()) for a, b in zip(wanted, results, strict=True))
    return {"ok": gap == 0, "seconds one by one": one_by_one, "seconds replayed": replayed, "largest difference": gap}


def _seconds(work: Callable[[], object], device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


SECTIONS: dict[str, Callable[[str, bool], dict[str, Any]]] = {
    "ensembles": ensembles,
    "streams": streams,
    "norms and summaries": summaries,
    "throughput": throughput,
    "graphs": graphs,
}


def report(device: str, small: bool) -> dict[str, Any]:
    """All sections; what stops one is its result."""
    name = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    found: dict[str, Any] = {"device": name, "torch": torch.__version__, "cuda": torch.version.cuda, "small": small}
    for section, run in SECTIONS.items():
        start = time.perf_counter()
        try:
            result = run(device, small)
        except Exception as error:
            result = {"ok": False, "stopped": f"{type(error).__name__}: {error}"}
        found[section] = {**result, "seconds": round(time.perf_counter() - start, 2)}
    found["ok"] = all(found[section]["ok"] for section in SECTIONS)
    return found


def main() -> int:
    """Print the report; 0 if every section is ok."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--small", action="store_true", help="sizes for a test on the CPU")
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("no CUDA device is here: run it where one is, or --device cpu --small for its logic")
    found = report(options.device, options.small)
    print(json.dumps(found, indent=2))
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
