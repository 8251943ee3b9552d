"""Certified norms of the convolutions of a ResNet-18 on 32 x 32 images, compared with the usual routes, and the summary of the
whole network, in one run.

python tests/benchmarks/measure.py [--json] [--repeats N] [--threads N] [--examples N] [--clock wall|cpu]

Three ways to the spectral norm of each layer at its real input size:

- ``ours``: ``convolution_norms``, upper and lower bound and all other norms of the layer;
- ``singular values``: of the convolution on the same torus at every frequency (half plane by symmetry; a stride stacks the
  frequencies that it aliases), the exact norm on the torus, which is itself an upper bound;
- ``power iteration``: 100 steps with the convolution and its adjoint, which gives a lower bound and is not a certificate.

``sound`` compares our interval with both: the upper bound is above the power iteration's result, the lower one below the
singular values'.

``summarize`` is the whole network traced and measured on ``--examples`` images: every norm, margins in float64 with their
error, the Lipschitz bracket. Its goals are 60 seconds and 3 GB on two cores.

With ``--clock cpu`` all times are those that the process spends on its cores: what a machine that others use shows of a
quiet one.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from genbounds.models import summarize
from genbounds.models.norms import convolution_norms

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.models.tracing.architectures import resnet18

POWER_STEPS = 100
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


class Layer(NamedTuple):
    """A convolution (outputs, inputs, kernel x kernel) at an image size, and how often a ResNet-18 has it."""

    outputs: int
    inputs: int
    kernel: int
    size: int
    stride: int
    times: int

    @property
    def padding(self) -> int:
        return self.kernel // 2

    @property
    def name(self) -> str:
        return f"{self.outputs} x {self.inputs} x {self.kernel} x {self.kernel} at {self.size} x {self.size}, stride {self.stride}"


LAYERS = (
    Layer(64, 3, 3, 32, 1, 1),
    Layer(64, 64, 3, 32, 1, 4),
    Layer(128, 64, 3, 32, 2, 1),
    Layer(128, 64, 1, 32, 2, 1),
    Layer(128, 128, 3, 16, 1, 3),
    Layer(256, 128, 3, 16, 2, 1),
    Layer(256, 128, 1, 16, 2, 1),
    Layer(256, 256, 3, 8, 1, 3),
    Layer(512, 256, 3, 8, 2, 1),
    Layer(512, 256, 1, 8, 2, 1),
    Layer(512, 512, 3, 4, 1, 3),
)


def kernel_of(layer: Layer) -> Tensor:
    """Random weights at the usual scale, with a smooth part as training leaves it; float32 as a checkpoint has them."""
    generator = torch.Generator().manual_seed(layer.outputs + layer.kernel)
    shape = (layer.outputs, layer.inputs, layer.kernel, layer.kernel)
    rough, smooth = torch.randn(shape, generator=generator), torch.randn((*shape[:2], 1, 1), generator=generator)
    return (rough + 0.3 * smooth) * (2 / (layer.inputs * layer.kernel**2)) ** 0.5


def singular_values(layer: Layer, weight: Tensor) -> float:
    """The norm on the smallest torus that certifies zero padding, a multiple of the stride, by every singular value."""
    torus = -(-(layer.size + layer.padding) // layer.stride) * layer.stride
    coarse, stride = torus // layer.stride, layer.stride
    symbols = torch.fft.fft2(weight.double(), (torus, torus))  # (out, in, torus, torus)
    aliased = symbols.reshape(layer.outputs, layer.inputs, stride, coarse, stride, coarse).permute(3, 5, 0, 1, 2, 4)
    half = aliased[: coarse // 2 + 1].reshape(-1, layer.outputs, layer.inputs * stride**2) / stride
    return max(float(torch.linalg.svdvals(block)[..., 0].max()) for block in half.split(16))


def power_iteration(layer: Layer, weight: Tensor) -> float:
    """100 steps from a random image, in float32 as it is usually done."""
    options = {"stride": layer.stride, "padding": layer.padding}
    extra = (layer.size + 2 * layer.padding - layer.kernel) % layer.stride
    x = torch.randn((1, layer.inputs, layer.size, layer.size), generator=torch.Generator().manual_seed(0))
    for _ in range(POWER_STEPS):
        y = functional.conv2d(x, weight, **options)
        x = functional.conv_transpose2d(y, weight, output_padding=extra, **options)
        x = x / x.norm()
    return float(functional.conv2d(x, weight, **options).norm())


def timed(function: Callable[[], float], repeats: int, clock: Callable[[], float]) -> tuple[float, float]:
    """The result and the shortest time, in seconds."""
    best, result = float("inf"), 0.0
    for _ in range(repeats):
        start = clock()
        result = function()
        best = min(best, clock() - start)
    return result, best


def measure(layer: Layer, repeats: int, clock: Callable[[], float]) -> dict[str, object]:
    weight = kernel_of(layer)
    lowers: list[float] = []

    def ours() -> float:
        norms = convolution_norms(weight, input_size=layer.size, stride=layer.stride, padding=layer.padding, name=layer.name)
        lowers.append(float(norms.spectral_lower))
        return float(norms.spectral)

    upper, seconds = timed(ours, repeats, clock)
    exact, seconds_exact = timed(lambda: singular_values(layer, weight), 1 if layer.outputs >= 256 else repeats, clock)
    power, seconds_power = timed(lambda: power_iteration(layer, weight), repeats, clock)
    return {
        "layer": layer.name,
        "times": layer.times,
        "upper": upper,
        "lower": lowers[-1],
        "looseness": upper / lowers[-1],
        "singular_values": exact,
        "power_iteration": power,
        "seconds": seconds,
        "seconds_singular_values": seconds_exact,
        "seconds_power_iteration": seconds_power,
        # float32 power iteration may exceed the truth by its own rounding, a few parts in a million
        "sound": upper >= power * (1 - 1e-5) and lowers[-1] <= exact * (1 + 1e-12),
    }


def measure_summary(examples: int, clock: Callable[[], float]) -> dict[str, object]:
    """Time, memory and the main numbers of a ResNet-18 shape summarised."""
    torch.manual_seed(0)
    network, images = resnet18(), torch.randn(examples, 3, 32, 32)
    start = clock()
    found = summarize(network, images, torch.arange(examples) % 10)
    seconds = clock() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert found.lipschitz_lower is not None
    assert found.lipschitz_upper is not None
    return {
        "parameters": found.parameters,
        "examples": examples,
        "seconds": seconds,
        "peak_megabytes": megabytes,
        "lipschitz_lower": float(found.lipschitz_lower),
        "lipschitz_upper": float(found.lipschitz_upper),
        "errors_undecided": found.errors_undecided,
        "in_a_minute_and_three_gigabytes": seconds < 60 and megabytes < 3000,
        "threads": torch.get_num_threads(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--examples", type=int, default=64)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall", help="cpu: time on the cores, on a machine that others use")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    clock = CLOCKS[arguments.clock]
    whole = measure_summary(arguments.examples, clock)  # first: the peak of memory is that of the process
    rows = [measure(layer, arguments.repeats, clock) for layer in LAYERS]

    def total(name: str) -> float:
        return sum(float(row[name]) * layer.times for row, layer in zip(rows, LAYERS, strict=True))  # type: ignore[arg-type]

    summary = {
        "seconds": total("seconds"),
        "seconds_singular_values": total("seconds_singular_values"),
        "seconds_power_iteration": total("seconds_power_iteration"),
        "times_faster_than_singular_values": total("seconds_singular_values") / total("seconds"),
        "sound": all(bool(row["sound"]) for row in rows),
        "at_least_twice_as_fast": total("seconds_singular_values") >= 2 * total("seconds"),
        "threads": arguments.threads,
        "clock": arguments.clock,
    }
    if arguments.json:
        print(json.dumps({"convolutions": {"layers": rows, "resnet18": summary}, "summarize": whole}))
        return
    print(f"{'layer':42} {'upper':>8} {'/ lower':>8} {'/ torus':>8} {'/ power':>8} {'ours s':>8} {'svd s':>8} {'power s':>8}")
    for row in rows:
        ratios = [row["upper"] / row[name] for name in ("lower", "singular_values", "power_iteration")]  # type: ignore[operator]
        times = [row[name] for name in ("seconds", "seconds_singular_values", "seconds_power_iteration")]
        numbers = "".join(f" {value:8.4f}" for value in (row["upper"], *ratios))
        print(f"{row['layer']:42}{numbers}" + "".join(f" {value:8.3f}" for value in times))
    print("\n".join(f"{name:40} {value}" for name, value in summary.items()))
    print("the whole network summarised")
    print("\n".join(f"{name:40} {value}" for name, value in whole.items()))


if __name__ == "__main__":
    main()
