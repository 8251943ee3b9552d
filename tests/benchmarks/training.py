"""How fast an ensemble trains: against the loops that a user would write, and against the machine's matrix products.

    python tests/benchmarks/training.py [--json] [--device cpu|cuda] [--clock wall|cpu] [--rounds 5]
                                         [--sections speed modules linear scale]

speed: networks of each of ``CASES``, float32, cross-entropy, plain SGD. Side by side in one run, round after round:

- ensemble: ``Ensemble.train``, with one thread, with one for each core, and with one spawned worker for each core, as studies run
  (the networks dealt out to them; what a user does by ``--workers``);
- loop: one ``nn.Module`` after another, ``DataLoader(TensorDataset, shuffle=True, num_workers=0)``, ``optim.SGD``, with one
  torch thread and with all;
- tensor_loop: the same without a loader, batches cut from the tensors by a permutation;
- products: the matrix products alone that a step of the same networks needs (forward, and both of the backward pass),
  by ``torch.bmm`` into preallocated outputs, with one thread and with one for each core, as the ensemble.

``speedup_at_matmul_limit`` is the speed-up that a trainer would reach which did nothing but these products by ``torch.bmm``: the
loop's overhead over the products' time. (On the CPU an ensemble takes numpy's products where they are faster, and can be below it.)

modules: networks of other kinds on 8 x 8 images, in batches of 32, by ``ModuleEnsemble``, on one thread and in spawned workers, against the
loop with a loader.

linear: time a network-step of 40-64-64-10 from 64 to 16384 networks, and from 100 to 10000 examples each.

scale (``--device cuda``): network-steps per second of 40-64-64-10 with 4096 and 65536 networks, and the memory traffic of
32 bytes a parameter and step as a fraction of what the device copies in the same run.

Each is timed per step of one network; each round times all, and the figures are medians over the rounds of the
ratios within a round, so that a machine that slows down for a while slows all of them. Of the thread counts, and the
workers, the fastest counts, for each. With ``--clock cpu`` it is the time that one thread spends on its core: what a
machine that others use shows of a quiet one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from genbounds.models.ensemble import Ensemble, IndexSamples, ModuleEnsemble
from genbounds.models.ensemble.tiles import parameter_count
from genbounds.models.networks import AttentionNetwork, ConvolutionalNetwork, RecurrentNetwork
from genbounds.models.randomness.streams import Stream

RATE = 0.05
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass(frozen=True)
class Case:
    """An architecture, its batches, how many networks train at once, and the speed-ups that are asked of it."""

    widths: tuple[int, ...]
    batch: int
    networks: int
    over_loader: float
    over_tensors: float
    examples: int = 1000

    @property
    def name(self) -> str:
        """The widths."""
        return "-".join(map(str, self.widths))


CASES = (
    Case((2, 16, 16, 2), 32, 256, 100, 15),
    Case((40, 64, 64, 10), 32, 128, 40, 10),
    Case((40, 100, 100, 2), 50, 64, 30, 8),
    Case((784, 128, 128, 10), 50, 32, 4, 2),
)
SCALED = CASES[1]
OTHER = Case((64, 10), 32, 32, 3, 0)
MODULES: dict[str, tuple[tuple[int, ...], Callable[[], nn.Module]]] = {
    "two convolutions of 4 channels": ((1, 8, 8), lambda: ConvolutionalNetwork((1, 8, 8), (4, 4), 10)),
    "two convolutions of 8 channels": ((1, 8, 8), lambda: ConvolutionalNetwork((1, 8, 8), (8, 8), 10)),
    "two residual blocks of 4 channels": ((1, 8, 8), lambda: ConvolutionalNetwork((1, 8, 8), (4, 4, 4), 10, residual=True)),
    "two residual blocks of 8 channels": ((1, 8, 8), lambda: ConvolutionalNetwork((1, 8, 8), (8, 8, 8), 10, residual=True)),
    "two residual blocks of 8 channels, group norm": (
        (1, 8, 8),
        lambda: ConvolutionalNetwork((1, 8, 8), (8, 8, 8), 10, residual=True, normalisation="group"),
    ),
    "recurrent, 16 units": ((8, 8), lambda: RecurrentNetwork(8, 16, 10)),
    "attention, width 16, layer norm": ((8, 8), lambda: AttentionNetwork(8, 8, 16, 1, 10, residual=True, normalisation="layer")),
}
"""Networks of other kinds: the shape of an example, and the network."""


def pool(case: Case, device: str) -> tuple[Tensor, Tensor]:
    """Gaussian inputs with a linear rule."""
    inputs = Stream("training benchmark", "inputs").normal(range(case.examples), 0, case.widths[0]).float()
    return inputs.to(device), (inputs.sum(dim=1) > 0).long().to(device)


def seconds(work: Callable[[], object], device: str, clock: str = "wall") -> float:
    """Time of one call, on the wall or on the cores."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = CLOCKS[clock]()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return CLOCKS[clock]() - start


def ensemble_step(case: Case, device: str, steps: int, clock: str = "wall") -> Callable[[int], float]:
    """Seconds per network-step of the ensemble, given a number of threads."""
    stream = Stream("training benchmark", "training", device)
    ensemble = Ensemble(case.widths, "relu", networks=case.networks, stream=stream, device=device)
    inputs, labels = pool(case, device)
    samples = IndexSamples.draw(stream.sub("sample"), range(case.networks), case.examples, case.examples)
    settings = {"steps": steps, "batch_size": case.batch, "learning_rate": RATE, "order": "permutation"}

    def measure(threads: int) -> float:
        return seconds(lambda: ensemble.train(inputs, labels, samples, threads=threads, **settings), device, clock) / (
            steps * case.networks
        )

    return measure


def module_step(name: str, case: Case, device: str, steps: int, clock: str = "wall") -> Callable[[int], float]:
    """Seconds per network-step of an ensemble of another kind, given a number of threads."""
    shape, build = MODULES[name]
    stream = Stream("training benchmark", "modules", device)
    ensemble = ModuleEnsemble(build(), shape, case.widths[-1], networks=case.networks, stream=stream, device=device)
    inputs, labels = pool(case, device)
    samples = IndexSamples.draw(stream.sub("sample"), range(case.networks), case.examples, case.examples)
    settings = {"steps": steps, "batch_size": case.batch, "learning_rate": RATE, "order": "permutation"}

    def measure(threads: int) -> float:
        return seconds(lambda: ensemble.train(inputs, labels, samples, threads=threads, **settings), device, clock) / (
            steps * case.networks
        )

    return measure


@cache
def _workers_measure(name: str | None, case: Case, steps: int) -> Callable[[int], float]:
    return ensemble_step(case, "cpu", steps) if name is None else module_step(name, case, "cpu", steps)


def _train_in_worker(name: str | None, case: Case, steps: int) -> None:
    _workers_measure(name, case, steps)(1)


class WorkersStep:
    """Seconds per network-step of the ensemble, its networks dealt out to spawned workers that stay, each on one thread."""

    def __init__(self, case: Case, steps: int, name: str | None = None) -> None:
        self.name, self.case, self.steps = name, case, steps
        self.executor: ProcessPoolExecutor | None = None

    def __call__(self, workers: int) -> float:
        """Train ``case.networks`` networks in so many workers; the first call starts them and is not timed."""
        part = replace(self.case, networks=self.case.networks // workers)

        def work(executor: ProcessPoolExecutor) -> None:
            for future in [executor.submit(_train_in_worker, self.name, part, self.steps) for _ in range(workers)]:
                future.result()

        if self.executor is None:
            self.executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
            work(self.executor)
        executor = self.executor
        return seconds(lambda: work(executor), "cpu") / (self.steps * part.networks * workers)

    def close(self) -> None:
        """End the workers."""
        if self.executor is not None:
            self.executor.shutdown()


class Network(nn.Module):
    """The network as a user would write it."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(widths):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        self.stack = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.stack(x)
        return logits


def loop_step(case: Case, device: str, epochs: int, loader: bool, clock: str, network: nn.Module | None = None) -> Callable[[int], float]:
    """Seconds per step of one network in the usual loop, with a loader or without, given a number of torch threads."""
    inputs, labels = pool(case, "cpu" if loader else device)
    batches = DataLoader(TensorDataset(inputs, labels), batch_size=case.batch, shuffle=True, num_workers=0)
    model = (network or Network(case.widths)).to(device)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    criterion = nn.CrossEntropyLoss()

    def step(batch_inputs: Tensor, batch_labels: Tensor) -> None:
        loss = criterion(model(batch_inputs), batch_labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def work() -> None:
        model.train()
        for _ in range(epochs):
            if loader:
                for batch_inputs, batch_labels in batches:
                    step(batch_inputs.to(device), batch_labels.to(device))
            else:
                for rows in torch.randperm(len(inputs), device=device).split(case.batch):
                    step(inputs[rows], labels[rows])

    def measure(threads: int) -> float:
        torch.set_num_threads(threads)
        return seconds(work, device, clock) / (epochs * len(batches))

    return measure


def products(case: Case, networks: int, device: str, steps: int) -> Callable[[], None]:
    """The matrix products of so many steps of so many networks, on data whose size stays the same."""

    def stack(*shape: int) -> Tensor:
        return torch.rand(networks, *shape, device=device) / shape[-1]

    weights = [stack(fan_out, fan_in) for fan_in, fan_out in pairwise(case.widths)]
    activations = [stack(case.batch, width) for width in case.widths]
    gradients = [stack(case.batch, width) for width in case.widths]
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


def product_step(case: Case, device: str, steps: int, clock: str) -> Callable[[int], float]:
    """Seconds per network-step of the bare matrix products, the networks dealt out to threads as the ensemble does."""

    def measure(threads: int) -> float:
        parts = [products(case, case.networks // threads, device, steps) for _ in range(threads)]
        torch.set_num_threads(1)
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as executor:
            elapsed = seconds(lambda: list(executor.map(lambda work: work(), parts)), device, clock)
        return elapsed / (steps * (case.networks // threads) * threads)

    return measure


def speed(case: Case, device: str, rounds: int, clock: str) -> dict[str, object]:
    """All, ``rounds`` times, after one round to warm up."""
    cores = os.cpu_count() or 1
    several = device == "cpu" and clock == "wall" and cores > 1
    threads = [1, cores] if several else [1]
    measures: dict[tuple[str, str], Callable[[], float]] = {}
    for name, measure in {
        "ensemble": ensemble_step(case, device, 100, clock),
        "loop": loop_step(case, device, 3, loader=True, clock=clock),
        "tensor_loop": loop_step(case, device, 3, loader=False, clock=clock),
        "products": product_step(case, device, 50, clock),
    }.items():
        measures |= {(name, f"{count} threads"): partial(measure, count) for count in threads}
    workers = WorkersStep(case, 100)
    if several:
        measures["ensemble", f"{cores} workers"] = partial(workers, cores)
    times: dict[tuple[str, str], list[float]] = {key: [] for key in measures}
    for turn in range(rounds + 1):
        for key in times:
            times[key].append(measures[key]())
        if not turn:  # threads that only wait for each other, as on a busy machine, are not worth more rounds
            least = {name: min(values[0] for key, values in times.items() if key[0] == name) for name, _ in times}
            times = {key: values for key, values in times.items() if values[0] < 2 * least[key[0]]}
    workers.close()
    medians = {key: statistics.median(values[1:]) for key, values in times.items()}

    def best(name: str) -> list[float]:
        return times[min((key for key in times if key[0] == name), key=lambda key: medians[key])][1:]

    def ratio(above: str, below: str) -> float:
        return round(statistics.median(a / b for a, b in zip(best(above), best(below), strict=True)), 2)

    return {
        "networks": case.networks,
        "batch_size": case.batch,
        "speedup_over_dataloader": ratio("loop", "ensemble"),
        "asked_over_dataloader": case.over_loader,
        "speedup_over_tensor_loop": ratio("tensor_loop", "ensemble"),
        "asked_over_tensor_loop": case.over_tensors,
        "times_over_matmul_limit": ratio("ensemble", "products"),
        "speedup_at_matmul_limit": ratio("loop", "products"),
        "microseconds_per_network_step": {
            name: {how: round(value * 1e6, 2) for (whose, how), value in medians.items() if whose == name}
            for name in dict.fromkeys(name for name, _ in medians)
        },
    }


def module_speed(name: str, device: str, rounds: int, clock: str) -> dict[str, object]:
    """A network of another kind: an ensemble, on one thread and in workers, against the loop, in turns, after one round to warm up."""
    (shape, build), case, steps, cores = MODULES[name], OTHER, 20, os.cpu_count() or 1
    network = nn.Sequential(nn.Unflatten(1, shape), build())
    measures: dict[str, Callable[[], float]] = {
        "loop": partial(loop_step(case, device, 1, loader=True, clock=clock, network=network), 1),
        "ensemble": partial(module_step(name, case, device, steps, clock), 1),
    }
    workers = WorkersStep(case, steps, name)
    if device == "cpu" and clock == "wall" and cores > 1:
        measures[f"{cores} workers"] = partial(workers, cores)
    times: dict[str, list[float]] = {key: [] for key in measures}
    for _ in range(rounds + 1):
        for key, measure in measures.items():
            times[key].append(measure())
    workers.close()
    loop = times.pop("loop")[1:]
    best = min((values[1:] for values in times.values()), key=statistics.median)
    return {
        "networks": case.networks,
        "batch_size": case.batch,
        "speedup_over_dataloader": round(statistics.median(a / b for a, b in zip(loop, best, strict=True)), 2),
        "asked_over_dataloader": case.over_loader,
        "microseconds_per_network_step": {
            "loop": round(statistics.median(loop) * 1e6, 2),
            **{key: round(statistics.median(values[1:]) * 1e6, 2) for key, values in times.items()},
        },
    }


def step_time(networks: int, examples: int, steps: int, device: str, rounds: int, clock: str = "wall") -> float:
    """Seconds per network-step of 40-64-64-10 on one thread, the least of some rounds."""
    case = Case(SCALED.widths, SCALED.batch, networks, 0, 0, examples)
    measure = ensemble_step(case, device, steps, clock)
    measure(1)
    return min(measure(1) for _ in range(rounds))


def linear(device: str, rounds: int, clock: str) -> dict[str, object]:
    """Time a network-step over the number of networks, and over the number of examples of each."""
    networks = {count: step_time(count, 100, max(10, 12800 // count), device, rounds, clock) for count in (64, 256, 1024, 4096, 16384)}
    examples = {count: step_time(64, count, 640, device, rounds, clock) for count in (100, 1000, 10000)}

    def described(times: dict[int, float]) -> dict[str, object]:
        spread = round(max(times.values()) / min(times.values()), 3)
        return {"microseconds": {str(count): round(t * 1e6, 2) for count, t in times.items()}, "largest_over_smallest": spread}

    return {"architecture": SCALED.name, "networks": described(networks), "examples": described(examples)}


def copied_bytes_per_second(device: str) -> float:
    """Bytes read and written a second by a copy of 1 GiB, the best of five."""
    block = torch.empty(1 << 28, device=device)
    copy = torch.empty_like(block)
    return 2 * block.nbytes / min(seconds(lambda: copy.copy_(block), device) for _ in range(5))


def scale(device: str, rounds: int) -> dict[str, object]:
    """Network-steps per second with thousands of networks, and the share of the device's memory bandwidth."""
    bandwidth = copied_bytes_per_second(device)
    found: dict[str, object] = {"architecture": SCALED.name, "copied_bytes_per_second": round(bandwidth)}
    for networks in (4096, 65536):
        elapsed = step_time(networks, 100, 50, device, rounds)
        traffic = 32 * parameter_count(SCALED.widths) / elapsed
        found[f"{networks} networks"] = {
            "network_steps_per_second": round(1 / elapsed),
            "fraction_of_bandwidth": round(traffic / bandwidth, 4),
        }
    return found


def main() -> None:
    """Print the figures, as JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall", help="cpu: time on one core, on a machine that others use")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[case.name for case in CASES], help="architectures of the section speed")
    parser.add_argument("--sections", nargs="*", choices=("speed", "modules", "linear", "scale"))
    options = parser.parse_args()
    sections = options.sections or (["speed", "modules", "linear"] + ["scale"] * (options.device == "cuda"))
    figures: dict[str, object] = {
        "device": torch.cuda.get_device_name() if options.device == "cuda" else f"cpu, {os.cpu_count()} cores",
        "torch": torch.__version__,
        "rounds": options.rounds,
        "clock": options.clock,
    }
    if "speed" in sections:
        chosen = [case for case in CASES if case.name in options.only]
        figures["speed"] = {case.name: speed(case, options.device, options.rounds, options.clock) for case in chosen}
    if "modules" in sections:
        figures["modules"] = {name: module_speed(name, options.device, options.rounds, options.clock) for name in MODULES}
    if "linear" in sections:
        figures["linear"] = linear(options.device, options.rounds, options.clock)
    if "scale" in sections:
        figures["scale"] = scale(options.device, options.rounds)
    print(json.dumps(figures, indent=None if not options.json else 2))


if __name__ == "__main__":
    main()
