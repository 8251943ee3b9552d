"""What a run would cost, before it runs: cells, networks, floating-point operations, time and memory."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from genbounds.verification.runs.cells import Cost, Study
from genbounds.verification.runs.plan import named_cells
from genbounds.verification.runs.store import Store


@dataclass(frozen=True)
class Expected:
    """What a study would still cost in a run folder, on one core.

    Attributes:
        cells: of the study; ``missing`` of them are not in the folder.
        networks, operations: of the missing cells that say so; ``undeclared`` of them do not. None where none does.
        seconds: from the time that finished cells of the study took in this folder; where there are none, from the operations and
            from the seconds that the study declares in addition; None where neither is known.
        memory: bytes of the largest tile, as far as it is declared, without the interpreter and its libraries; None where it is not.
    """

    study: str
    cells: int
    missing: int
    networks: int | None
    operations: float | None
    undeclared: int
    seconds: float | None
    memory: int | None


def expected(studies: Sequence[Study], out: str | os.PathLike[str], operations_per_second: float | None = None) -> list[Expected]:
    """The cost of what a run into this folder would compute. Nothing is written.

    Args:
        studies: as for ``run``.
        out: the run folder, which need not be there.
        operations_per_second: of this machine, on one core; measured if not given.
    """
    timings = _timings(Path(out))
    speed = operations_per_second or measured_speed()
    return [_of_study(study, timings, speed) for study in studies]


def measured_speed(seconds: float = 0.2) -> float:
    """Floating-point operations per second of training small networks on one core of this machine, by processor time.

    >>> measured_speed(0.01) > 1e6
    True
    """
    import torch

    from genbounds.models.ensemble import Ensemble, IndexSamples
    from genbounds.models.randomness.streams import Stream

    widths, networks, batch, steps = (30, 16, 2), 64, 32, 50
    stream = Stream("planner", "speed")
    inputs, labels = stream.sub("inputs").normal(range(100), 0, widths[0]), torch.arange(100) % 2
    ensemble, samples = Ensemble(widths, networks=networks, stream=stream), IndexSamples(torch.arange(100))

    def train() -> None:
        ensemble.train(inputs, labels, samples, steps=steps, batch_size=batch, learning_rate=0.01)

    train()  # where loops are not compiled yet, this takes half a minute that a run pays once
    work, done, start = training_cost(widths, steps, batch).operations * networks, 0, time.process_time()
    while time.process_time() - start < seconds or not done:
        train()
        done += 1
    return work * done / (time.process_time() - start)


def training_cost(widths: Sequence[int], steps: int, batch_size: int, bytes_a_number: int = 4) -> Cost:
    """The cost of training one dense network: six operations per weight and example of a step, and its working memory.

    Two of them are of the forward product, two of the gradient in the weights, two of the gradient in the inputs.

    >>> training_cost((40, 100, 100, 2), 10, 50).operations
    42600000.0
    """
    weights = sum(a * b for a, b in pairwise(widths))
    numbers = 3 * (weights + sum(widths[1:])) + 3 * batch_size * sum(widths)
    return Cost(1, 6.0 * weights * batch_size * steps, bytes_a_number * numbers)


def described(plan: Sequence[Expected]) -> Iterator[str]:
    """The plan as lines of text: one for each study, and the sum."""
    yield f"{'study':14}{'cells':>8}{'missing':>9}{'networks':>10}{'operations':>12}{'time':>12}{'memory':>10}"
    for one in plan:
        more = "+" if one.undeclared else ""
        networks = "unknown" if one.networks is None else f"{one.networks}{more}"
        operations = "unknown" if one.operations is None else f"{one.operations:.2g}{more}"
        memory = "unknown" if one.memory is None else _size(one.memory)
        yield (f"{one.study:14}{one.cells:>8}{one.missing:>9}{networks:>10}{operations:>12}{_duration(one.seconds):>12}{memory:>10}")
    known = [one.seconds for one in plan if one.seconds is not None]
    more = " and what is unknown" if len(known) < len(plan) else ""
    yield f"{sum(one.missing for one in plan)} cells to compute, {_duration(sum(known))}{more} on one core; several workers share it."


def _of_study(study: Study, timings: dict[str, tuple[set[str], float]], speed: float) -> Expected:
    done, spent = timings.get(study.name, (set(), 0.0))
    cells = missing = networks = undeclared = timeless = largest = 0
    operations = beside = 0.0
    for key, cell in named_cells(study).items():
        cells += 1
        if key in done:
            continue
        missing += 1
        cost = study.cost(cell)
        if cost is None:
            undeclared += 1
            continue
        timeless += not (cost.operations or cost.seconds)
        networks, operations, largest = networks + cost.networks, operations + cost.operations, max(largest, cost.memory)
        beside += cost.seconds
    seconds = None
    if done and spent:
        seconds = spent / len(done) * missing
    elif not undeclared and not timeless:
        seconds = operations / speed + beside
    memory = largest * min(study.tile_size, max(1, missing))
    if missing and undeclared == missing:
        return Expected(study.name, cells, missing, None, None, undeclared, seconds, None)
    known = None if networks and not operations else operations  # networks train by operations, whose number the study does not say
    return Expected(study.name, cells, missing, networks, known, undeclared, seconds, memory)


def _timings(out: Path) -> dict[str, tuple[set[str], float]]:
    """For each study the cells that are done, and how many seconds they took on their cores."""
    found: dict[str, tuple[set[str], float]] = {}
    if not out.exists():
        return found
    for record in Store(out).records():
        done, spent = found.get(record.study, (set(), 0.0))
        done.add(record.key)
        about: Any = record.about
        seconds, tile = about.get("seconds", 0.0), about.get("tile", 1)
        told = type(seconds) in (int, float) and type(tile) is int and tile > 0
        found[record.study] = done, spent + (seconds / tile if told else 0.0)
    return found


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def _size(count: int) -> str:
    for size, unit in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
