"""How fast an ensemble trains: against the loop that a user would write, and against the machine's matrix products.

    python tests/benchmarks/training.py [--json] [--device cpu|cuda] [--networks 64] [--rounds 7]

64 networks 40-100-100-2, batch 50, float32, cross-entropy, plain SGD. Side by side in one run, round after round:

- ensemble: `Ensemble.train`, with one thread and with one for each core;
- loop: one `nn.Module` after another, `DataLoader(TensorDataset, shuffle=True, num_workers=0)`, `optim.SGD`, with one
  torch thread and with all;
- products: the matrix products alone that a step of the same networks needs (forward, and both of the backward pass),
  by `torch.bmm` into preallocated outputs, with one thread and with one for each core, as the ensemble.

`speedup_at_matmul_limit` is the speed-up that a trainer would reach which did nothing but these products: a machine's
ceiling, the loop's overhead over the products' time.

Each is timed per step of one network; each round times all three, and the figures are medians over the rounds of the
ratios within a round, so that a machine that slows down for a while slows all three. Of the two thread counts the
faster counts, for each of the three.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.streams import Stream

WIDTHS = (40, 100, 100, 2)
BATCH = 50
EXAMPLES = 1000
RATE = 0.05


def pool(device: str) -> tuple[Tensor, Tensor]:
    """A thousand Gaussian inputs with a linear rule."""
    inputs = Stream("training benchmark", "inputs").normal(range(EXAMPLES), 0, WIDTHS[0]).float()
    return inputs.to(device), (inputs.sum(dim=1) > 0).long().to(device)


def seconds(work: Callable[[], object], device: str) -> float:
    """Wall time of one call."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def ensemble_step(networks: int, device: str, steps: int) -> Callable[[int], float]:
    """Seconds a network-step of the ensemble, given a number of threads."""
    stream = Stream("training benchmark", "training", device)
    ensemble = Ensemble(WIDTHS, "relu", networks=networks, stream=stream, device=device)
    inputs, labels = pool(device)
    samples = IndexSamples.draw(stream.sub("sample"), range(networks), EXAMPLES, EXAMPLES)

    def measure(threads: int) -> float:
        def work() -> object:
            return ensemble.train(
                inputs,
                labels,
                samples,
                steps=steps,
                batch_size=BATCH,
                learning_rate=RATE,
                order="permutation",
                threads=threads,
            )

        return seconds(work, device) / (steps * networks)

    return measure


class Network(nn.Module):
    """The network as a user would write it."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(WIDTHS):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        self.stack = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.stack(x)
        return logits


def loop_step(device: str, epochs: int) -> Callable[[int], float]:
    """Seconds a step of one network in the usual loop, given a number of torch threads."""
    inputs, labels = (tensor.cpu() for tensor in pool(device))
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=BATCH, shuffle=True, num_workers=0)
    model = Network().to(device)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    criterion = nn.CrossEntropyLoss()

    def work() -> None:
        model.train()
        for _ in range(epochs):
            for batch_inputs, batch_labels in loader:
                batch_inputs, batch_labels = batch_inputs.to(device), batch_labels.to(device)
                loss = criterion(model(batch_inputs), batch_labels)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()

    def measure(threads: int) -> float:
        torch.set_num_threads(threads)
        return seconds(work, device) / (epochs * len(loader))

    return measure


def products(networks: int, device: str, steps: int) -> Callable[[], None]:
    """The matrix products of so many steps of so many networks, on data whose size stays the same."""

    def stack(*shape: int) -> Tensor:
        return torch.rand(networks, *shape, device=device) / shape[-1]

    weights = [stack(fan_out, fan_in) for fan_in, fan_out in pairwise(WIDTHS)]
    activations = [stack(BATCH, width) for width in WIDTHS]
    gradients = [stack(BATCH, width) for width in WIDTHS]
    updates = [torch.empty_like(weight) for weight in weights]

    def work() -> None:
        with torch.no_grad():
            for _ in range(steps):
                for layer, weight in enumerate(weights):
                    torch.bmm(activations[layer], weight.mT, out=activations[layer + 1])
                for layer in range(len(weights) - 1, -1, -1):
                    torch.bmm(gradients[layer + 1].mT, activations[layer], out=updates[layer])
                    if layer > 0:
                        torch.bmm(gradients[layer + 1], weights[layer], out=gradients[layer])

    return work


def product_step(networks: int, device: str, steps: int) -> Callable[[int], float]:
    """Seconds a network-step of the bare matrix products, the networks dealt out to threads as the ensemble does."""

    def measure(threads: int) -> float:
        parts = [products(networks // threads, device, steps) for _ in range(threads)]
        torch.set_num_threads(1)
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as executor:
            elapsed = seconds(lambda: list(executor.map(lambda work: work(), parts)), device)
        return elapsed / (steps * (networks // threads) * threads)

    return measure


def run(networks: int, device: str, rounds: int) -> dict[str, object]:
    """All three, `rounds` times, after one round to warm up."""
    cores = os.cpu_count() or 1
    threads = sorted({1, cores}) if device == "cpu" else [1]
    measures = {
        "ensemble": ensemble_step(networks, device, 100),
        "loop": loop_step(device, 3),
        "products": product_step(networks, device, 50),
    }
    times: dict[str, dict[int, list[float]]] = {name: {count: [] for count in threads} for name in measures}
    for turn in range(rounds + 1):
        for count in threads:
            for name, measure in measures.items():
                elapsed = measure(count)
                if turn:
                    times[name][count].append(elapsed)
    best = {name: min(counts.values(), key=statistics.median) for name, counts in times.items()}
    speedups = [loop / ours for loop, ours in zip(best["loop"], best["ensemble"], strict=True)]
    ceilings = [loop / bare for loop, bare in zip(best["loop"], best["products"], strict=True)]
    limits = [ours / bare for ours, bare in zip(best["ensemble"], best["products"], strict=True)]
    return {
        "architecture": "-".join(map(str, WIDTHS)),
        "networks": networks,
        "batch_size": BATCH,
        "device": torch.cuda.get_device_name() if device == "cuda" else f"cpu, {cores} cores",
        "torch": torch.__version__,
        "rounds": rounds,
        "speedup_over_dataloader": round(statistics.median(speedups), 2),
        "times_over_matmul_limit": round(statistics.median(limits), 2),
        "speedup_at_matmul_limit": round(statistics.median(ceilings), 2),
        "microseconds_per_network_step": {
            name: {f"{count} threads": round(statistics.median(v) * 1e6, 2) for count, v in counts.items()}
            for name, counts in times.items()
        },
    }


def main() -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--networks", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    figures = run(options.networks, options.device, options.rounds)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
