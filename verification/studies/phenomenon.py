"""A phenomenon: claims of the literature, what is measured, the figure, and what became of each claim. The base of such studies."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeAlias

from matplotlib.axes import Axes

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.shares import phenomenon_share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.finding_row import FindingRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name, digest

Extent: TypeAlias = Literal["thumbnail", "quick", "full"]
"""In the default report, named on the command line, and with ``--full``."""
Curves: TypeAlias = Mapping[str, Any]
"""What a figure is drawn from: plain values (lists of finite numbers, texts, None) by name."""


@dataclass(frozen=True)
class Claim:
    """What the literature says.

    Args:
        name: a short one, unique in its study.
        sentence: the claim in one sentence.
        source: who says so, and where.
        printed: the number that the source prints, if it prints one.
    """

    name: str
    sentence: str
    source: str
    printed: str = ""


@dataclass(frozen=True)
class Finding:
    """What was measured of a claim.

    Args:
        claim: its name.
        outcome: of a theorem a ``Verdict``; of a phenomenon an ``Outcome``, from an interval (``genbounds.verification.checks.effects``).
        said: what was measured, in a sentence or two, with the numbers and their intervals.
        sizes: at which sizes it was looked for: samples, widths, depths, seeds.
    """

    claim: str
    outcome: Outcome | Verdict
    said: str
    sizes: str

    @property
    def failed(self) -> bool:
        """Whether the claim did not come out: what the canary of a study must be."""
        return self.outcome in (Verdict.REFUTED, Outcome.REVERSED, Outcome.NOT_REPRODUCED)


@dataclass(frozen=True)
class Panel:
    """One panel of a figure: ``draw(ax, curves)`` draws it, ``height`` is in inches at a width of 5.4."""

    title: str
    draw: Callable[[Axes, Curves], None]
    height: float = 2.6


@dataclass(frozen=True)
class Trap:
    """The canary of a study of a phenomenon: results in which a fault is planted, and the sound ones.

    Args:
        planted: the fault, in words.
        claim: the claim that must fail on the faulty results, and must not on the sound ones.
        cells, faulty, sound: results as ``run_tile`` gives them, small and without any training.
    """

    planted: str
    claim: str
    cells: Sequence[Cell]
    faulty: Sequence[Result]
    sound: Sequence[Result]


class Phenomenon(Study):
    """Claims of the literature on trial, at one of three sizes. Subclasses say what they claim, run, find and draw.

    Args:
        extent: "thumbnail" for the default report (at most four seconds), "quick" (under two minutes), or "full".

    Attributes:
        title: of its section and of its figure.
        claims: all of them; each has a finding.
        panels: what the figure is made of, from top to bottom; they can be drawn from the curves alone, without the study's results.
        caption: one or two sentences under the figure: what is drawn, and what the line of the theory is.
        seconds: what each size costs, as seconds of one core.
    """

    title: ClassVar[str]
    claims: ClassVar[tuple[Claim, ...]]
    panels: ClassVar[tuple[Panel, ...]]
    caption: ClassVar[str]
    seconds: ClassVar[Mapping[Extent, float]]
    memory: ClassVar[int] = 2**28

    def __init__(self, extent: Extent = "quick") -> None:
        self.extent: Extent = extent

    @abstractmethod
    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One finding for each claim, from the results of all cells."""

    @abstractmethod
    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """What the panels draw."""

    @abstractmethod
    def alt(self, curves: Curves) -> str:
        """What the figure shows, in words and with a few of its numbers, for those who do not see it."""

    @abstractmethod
    def trap(self) -> Trap:
        """The fault that the study's findings must see."""

    @property
    def alpha(self) -> float:
        """The false-alarm probability of the study's verdicts on theorems together; one that rests on no draw takes none of it."""
        return phenomenon_share()

    def cost(self, cell: Cell) -> Cost:
        """The study's seconds, shared evenly by its cells; its memory is that of a tile."""
        return Cost(memory=self.memory // self.tile_size, seconds=self.seconds[self.extent] / self._number_of_cells)

    @cached_property
    def _number_of_cells(self) -> int:
        return max(1, len(self.cells()))

    def canary(self) -> Canary:
        """The claim of the trap must fail on the faulty results and not on the sound ones."""
        trap = self.trap()

        def failed(results: Sequence[Result]) -> bool:
            return any(found.failed for found in self.findings(trap.cells, results) if found.claim == trap.claim)

        return Canary.of(trap.planted, {"findings": (failed(trap.faulty), failed(trap.sound))})

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """A row for each claim, and one for the figure."""
        made_of = digest([cell_name(self, cell) for cell in cells])
        found = {finding.claim: finding for finding in self.findings(cells, results)}
        if set(found) != {claim.name for claim in self.claims}:
            raise ValueError(f"findings must be one for each claim of {self.name!r}, got {sorted(found)}: name them as the claims are")
        rows: list[Row] = [
            FindingRow(
                study=self.name,
                cell=made_of,
                name=claim.name,
                claim=claim.sentence,
                source=claim.source,
                printed=claim.printed,
                outcome=str(found[claim.name].outcome),
                said=found[claim.name].said,
                sizes=found[claim.name].sizes,
            )
            for claim in self.claims
        ]
        curves = json.loads(json.dumps(self.curves(cells, results), allow_nan=False))
        words = {"title": self.title, "caption": self.caption, "alt": self.alt(curves)}
        return [*rows, CurvesRow(study=self.name, cell=made_of, **words, curves=curves)]
