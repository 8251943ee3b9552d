"""A12: what a bound must do when the question is changed, whatever the answer is.

Nothing is drawn, and no truth is needed but in the second of four questions:

- **directions and limits**: an input that is declared ``increasing`` never lowers the bound when it grows, one that is declared
  ``decreasing`` never raises it, by an eighth or to the ends of its domain (delta near 0 and 1, a KL of 0, a million times the examples);
- **one sample alone**: at a delta below the probability of a sample, the bound must hold on that very sample;
- **two readings**: the formula in floats gives the number that it gives in balls, at the sample and at the limits;
- **units**: a bound that is written in units (of the loss, the weights, the inputs) says the same in others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from genbounds.bounds.inputs import CONFIDENCE, Domain
from genbounds.verification.checks.matching import Match, read_inputs
from genbounds.verification.checks.reading import Array, total
from genbounds.verification.checks.rungs.rung import Finding
from genbounds.verification.checks.units import UNITS
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios.scenario import Size, World

DELTAS = (0.9, 0.05, 1e-6)
ROUNDING = 1e-9
"""Two values in floats that differ by less, relative, count as equal: searches and inversions are padded upward by as much."""
BELOW, ABOVE = 1e-12, 1e-7
"""The reading in floats may lie below the certificate by the first part of it, which is what ``value`` promises, and above it by the
second: where large numbers cancel it is padded upward."""
WORLDS: dict[Size, int] = {"thumbnail": 1, "full": 10}
"""So many worlds of a scenario, spread over its list."""
SAMPLES = 4
"""So many samples of a world, from the first to the last, are moved."""
ALL_SAMPLES = 5000
"""In worlds of at most so many samples each is looked at alone."""
FAR, NEAR_END = 2.0**20, 2.0**-40
"""The factor by which an unlimited input is moved far, and how near the open end of an interval is approached."""


class Metamorphic:
    """Directions, limits, readings and units, on some samples of some worlds."""

    name: ClassVar[str] = "metamorphic"
    exact: ClassVar[bool] = True

    def look(self, found: Match, size: Size, alpha: float = 0.0) -> Finding | None:
        """The first contradiction; None where no listed world can be read."""
        compared, label = 0, ""
        for world in _some_of(found.scenario.listed(size), WORLDS[size]):
            try:
                looks = _World(found, world)
            except ValueError:  # the theorem's own premise
                continue
            for moves, delta, wrong in looks.all():
                compared, label = compared + moves, world.label
                if wrong:
                    level = None if delta is None else Fraction(delta)
                    return Finding(self.name, Verdict.REFUTED, None, None, world.label, level, compared, f"{wrong} in {world.label}")
        if not compared:
            return None
        said = f"{compared} comparisons of moved inputs, of single samples, of floats with balls and of units"
        return Finding(self.name, Verdict.NOT_REFUTED, None, None, label, None, compared, said)


Look = tuple[int, float | None, str]
"""How many numbers were compared, at which delta (None: at several, or none is read), and in words what is wrong (or nothing)."""


class _World:
    """A bound in one world: the inputs of a few samples, and what is asked of it there."""

    def __init__(self, found: Match, world: World) -> None:
        self.found, self.bound, self.world = found, found.bound, world
        self.every = read_inputs(found, {name: world.floats(name) for name in world.names()})
        self.every |= {name: default for name, default in found.bound.defaults.items() if name not in self.every}
        self.samples = np.unique(np.linspace(0, len(world) - 1, SAMPLES).round().astype(int))
        self.inputs: dict[str, Any] = {name: self._some(name, entry) for name, entry in self.every.items()}
        if "delta" in found.bound.inputs:
            self.inputs["delta"] = np.array(DELTAS)[:, None]
        self.before = self.values(self.inputs)
        signs = dict.fromkeys(self.bound.declaration.increasing, 1.0) | dict.fromkeys(self.bound.declaration.decreasing, -1.0)
        by_inclusion = (
            self.bound.declaration.by_inclusion
        )  # there only the class grows, not the number, which can be read far out all the same
        self.declared = {name: sign for name, sign in signs.items() if name in self.inputs and name not in by_inclusion}
        self.read_at = [name for name in signs if name in self.inputs]

    def all(self) -> Iterator[Look]:
        """Each question in turn."""
        yield from self.directions()
        yield self.single_samples()
        yield from self.units()
        yield from self.readings()

    def values(self, inputs: Mapping[str, Any]) -> Array:
        """The bound on the samples, one row for each delta."""
        rows = len(DELTAS) if "delta" in self.inputs else 1
        return np.broadcast_to(np.asarray(total(self.bound, self.found.form, inputs), dtype=float), (rows, len(self.samples)))

    def directions(self) -> Iterator[Look]:
        """Each declared input, moved one way and the other, a little and to its limits."""
        for name, sign in self.declared.items():
            for moved, up in _moved(np.asarray(self.inputs[name], dtype=float), self.bound.domains[name]):
                yield self._moved_to(name, moved, sign * up)

    def _moved_to(self, name: str, moved: Array, expected: float) -> Look:
        try:
            after = self.values(self.inputs | {name: moved})
        except ValueError:  # other inputs do not admit it
            return 0, None, ""
        with np.errstate(invalid="ignore"):
            against = np.argwhere(expected * (after - self.before) < -ROUNDING * np.abs(self.before))
        if not against.size:
            return self.before.size, None, ""
        row, column = against[0]
        delta = DELTAS[row] if "delta" in self.inputs else None
        was, now = (np.broadcast_to(entry, self._shape(name)) for entry in (self.inputs[name], moved))
        return (
            self.before.size,
            delta,
            f"{self.bound.name} goes the wrong way in {name}: from {self.before[row, column]:.9g} to {after[row, column]:.9g}"
            f" as {name} goes from {_entry(was, row, column)} to {_entry(now, row, column)}",
        )

    def single_samples(self) -> Look:
        """At half the probability of each sample (delta near 0 for most) the bound must hold on that sample."""
        world, chances = self.world, self.world.weights()
        if self.bound.mode != "HP" or not world.enumerated or len(world) > ALL_SAMPLES or not np.all(chances[chances > 0] > 1e-290):
            return 0, None, ""
        possible = np.flatnonzero(chances > 0)
        if len(possible) < 2:  # all that there is, at a delta of 1/2: other rungs have looked
            return 0, None, ""
        inputs = {name: entry[possible] if self._varies(name) else entry for name, entry in self.every.items()}
        deltas = chances[possible] / 2
        try:
            value = np.broadcast_to(total(self.bound, self.found.form, inputs | {"delta": deltas}), deltas.shape)
        except ValueError:  # the theorem's own premise, on some sample
            return 0, None, ""
        truth = world.truth(self.bound.bounds_on)[possible]
        wrong = np.flatnonzero(value < np.minimum(truth * (1 - ROUNDING), truth * (1 + ROUNDING)))
        if not wrong.size:
            return len(deltas), None, ""
        first = int(wrong[0])
        said = f"{self.bound.name} is {value[first]:.9g} on a sample of probability {2 * deltas[first]:.3g}"
        said += f" where the truth is {truth[first]:.9g}"
        return len(deltas), float(deltas[first]), said

    def units(self) -> Iterator[Look]:
        """The same in other units, by a power of two so that nothing is rounded."""
        for unit in UNITS:
            power = unit.of(self.bound)
            if power is None:
                continue
            try:
                after = self.values(unit.changed(self.inputs))
            except ValueError:  # the bound refuses inputs outside [0, 1], say
                continue
            expected = self.before * unit.factor**power
            with np.errstate(invalid="ignore"):
                differs = np.argwhere(np.abs(after - expected) > ROUNDING * np.abs(expected))
            said = ""
            if differs.size:
                row, column = differs[0]
                said = f"{self.bound.name} changes with {unit.name}: {after[row, column]:.9g} for {expected[row, column]:.9g}"
            yield self.before.size, None, said

    def readings(self) -> Iterator[Look]:
        """The middle sample, and its limits in each input with a direction, be it one of the number or of the class alone, read twice."""
        middle = len(self.samples) // 2
        place = {name: entry[middle] if self._varies(name) else entry for name, entry in self.inputs.items() if name != "delta"}
        if "delta" in self.inputs:
            place["delta"] = np.float64(0.05)
        yield self._read_twice(place)
        for name in self.read_at:
            for moved, _ in _limits(np.asarray(place[name], dtype=float), self.bound.domains[name]):
                yield self._read_twice(place | {name: moved})

    def _read_twice(self, place: Mapping[str, Any]) -> Look:
        exact = {name: _exact(entry, self.bound.domains[name]) for name, entry in place.items()}
        if self.found.form != self.bound.declaration.form:
            exact[self.bound.form_argument] = self.found.form
        try:
            found = self.bound.estimate(**exact)
            fast = float(total(self.bound, self.found.form, place))
        except ValueError:  # other inputs do not admit it
            return 0, None, ""
        delta = float(place["delta"]) if "delta" in place else None
        certified = found.value
        scale = max(map(abs, (certified, *found.terms.values())))  # of a sum in which terms cancel, floats keep what the terms have
        if fast == certified or certified - scale * BELOW <= fast <= certified + scale * ABOVE:
            return 1, delta, ""
        where = ", ".join(f"{name} = {entry}" for name, entry in exact.items())
        return 1, delta, f"{self.bound.name} is {fast:.17g} in floats and {certified:.17g} as a certificate ({where})"

    def _varies(self, name: str) -> bool:
        """Whether the first axis of an input is the sample."""
        return np.ndim(self.every[name]) > (name in self.bound.vectors)

    def _some(self, name: str, entry: Any) -> Any:
        return np.asarray(entry)[self.samples] if self._varies(name) else entry

    def _shape(self, name: str) -> tuple[int, ...]:
        shape = self.before.shape
        return (*shape, np.shape(self.inputs[name])[-1]) if name in self.bound.vectors else shape


def _some_of(worlds: Sequence[World], most: int) -> list[World]:
    """So many of them at most, from the middles of equal parts of the list."""
    parts = min(most, len(worlds))
    return [worlds[(2 * part + 1) * len(worlds) // (2 * parts)] for part in range(parts)]


def _entry(value: Array, row: int, column: int) -> str:
    entry = value[row, column]
    return f"{entry:.6g}" if np.ndim(entry) == 0 else "(" + ", ".join(f"{part:.6g}" for part in entry) + ")"


def _exact(entry: Any, domain: Domain | None) -> Any:
    """The very doubles as Python numbers; whole ones as integers."""
    if np.ndim(entry):
        return tuple(_exact(part, domain) for part in np.asarray(entry))
    return int(entry) if domain is not None and domain.whole else float(entry)


def _moved(value: Array, domain: Domain | None) -> Iterator[tuple[Array, float]]:
    """An input moved a little and to its limits, each with 1 (up) or -1 (down)."""
    domain = domain or CONFIDENCE
    if domain.whole:
        yield 2 * value, 1.0
    else:
        yield np.minimum(value + np.abs(value) / 8, (value + domain.high) / 2), 1.0
    yield from _limits(value, domain)


def _limits(value: Array, domain: Domain | None) -> Iterator[tuple[Array, float]]:
    """The ends of the domain, or nearly so where they do not belong to it, or far out where there is none."""
    domain = domain or CONFIDENCE
    if not np.isfinite(domain.high) or domain.whole:
        yield FAR * np.maximum(value, 1.0 if domain.whole else 0.0), 1.0
    else:
        yield np.full_like(value, domain.high - (NEAR_END if domain.high_open else 0)), 1.0
    if np.isfinite(domain.low):
        yield np.minimum(value, value * NEAR_END) if domain.low_open else np.minimum(value, domain.low), -1.0
