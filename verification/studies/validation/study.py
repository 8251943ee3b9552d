"""Held-out data: bounds for a model search, a test set that is asked too often, and the order of models on a second test set."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Claim, Curves, Extent, Finding, Panel, Phenomenon, Trap
from genbounds.verification.studies.validation import figure, judging
from genbounds.verification.studies.validation.cell import Cells, ReuseCell, SearchCell
from genbounds.verification.studies.validation.reusing import reuse
from genbounds.verification.studies.validation.searching import search

PAPER = "Kawaguchi, Kaelbling, Bengio 2017, Generalization in Deep Learning, the proposition on validation error"


class Validation(Phenomenon):
    """The validation bound over a real model search, adaptive reuse of a test set, and a second test set."""

    name = "validation"
    revision = 2
    title = "Held-out data: model search, reuse, a second test set"
    description = (
        "Bounds on all candidates of a model search, a test set that is reused until its answer is false, and the order of models on "
        "a second test set."
    )
    tile_size = 1
    claims: ClassVar[tuple[Claim, ...]] = (
        Claim("example", "With a billion candidates and 10 000 validation examples the deviation is 6.94 %.", PAPER, "6.94 %"),
        Claim(
            "union",
            "The bound of Kawaguchi et al., Hoeffding's bound, the kl bound and that of Clopper and Pearson, each with a union "
            "bound, hold for all candidates.",
            f"{PAPER}; Hoeffding 1963; Langford 2005, Theorem 4.1",
        ),
        Claim(
            "order",
            "The bound of Clopper and Pearson is at most the kl bound, which is at most Hoeffding's, which is at most the one of "
            "Kawaguchi et al.",
            "Langford 2005, Section 3; Pinsker's inequality",
        ),
        Claim(
            "nonvacuous", ("The validation bound on the chosen model is below the risk of guessing, however large the networks are."), PAPER
        ),
        Claim(
            "lies",
            "After enough adaptive questions the error that a test set reports is far below the risk.",
            "Blum, Hardt 2015, The Ladder, the boosting attack; Dwork et al. 2015",
        ),
        Claim(
            "fixed",
            "Hoeffding's bound, with or without a union over the models asked about, is for models fixed before the test set is seen.",
            "Hoeffding 1963, Theorem 2",
        ),
        Claim(
            "adaptive",
            "The bounds for adaptive questions, which count what the analyst could have seen, hold for the last model.",
            "Blum, Hardt 2015, Section 3 and Theorem 3.1",
        ),
        Claim(
            "kept",
            "A second test set, drawn afterwards, keeps the order of the models.",
            "Recht, Roelofs, Schmidt, Shankar 2019, Do ImageNet Classifiers Generalize to ImageNet?",
        ),
    )
    caption = (
        "Top: the candidates of one search on the digits, with the validation error and the bounds, which hold for all candidates at "
        "once with probability .95; the known risk is subtracted from both. Middle: labels that are fair coins; the error that is "
        "reported for the vote of the classifiers about which one test set was asked, and the bounds; the dashed line is the risk. "
        "Bottom: the errors of the candidates on two test sets; they are equal on the dashed line."
    )
    panels: ClassVar[tuple[Panel, ...]] = (
        Panel("All candidates of a model search", figure.draw_bounds, 2.5),
        Panel("A test set reused until its answer is false", figure.draw_reuse, 2.7),
        Panel("A second test set keeps the order", figure.draw_second, 2.4),
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 3, "quick": 22, "full": 60}

    def cells(self) -> Sequence[Cells]:
        """Searches, then test sets that are asked."""
        if self.extent == "thumbnail":
            small = {"widths": (16,), "rates": (0.02, 0.1, 0.4, 1.6), "steps": (25, 100), "draws": 10}
            searches = [SearchCell(seed, **small) for seed in range(3)]  # type: ignore[arg-type]
            return [*searches, *(ReuseCell(seed, n=2000, classifiers=(1, 9, 29, 99, 299), repetitions=4) for seed in range(3))]
        seeds = range(5 if self.extent == "quick" else 14)
        return [*(SearchCell(seed) for seed in seeds), *(ReuseCell(seed) for seed in seeds)]

    def group(self, cell: Cells) -> Hashable:
        """Searches and questions."""
        return type(cell).__name__

    def run_tile(self, cells: Sequence[Cells]) -> list[Result]:
        """One after another."""
        return [search(cell) if isinstance(cell, SearchCell) else reuse(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """The printed number, the search, the questions; half of alpha for each of the last two."""
        searches, questions = (judging.of(kind, cells, results) for kind in (SearchCell, ReuseCell))
        return [
            judging.example(),
            *judging.searched(searches, self.alpha / 2),
            *judging.reused(questions, self.alpha / 2),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """One search, and the means over the questions."""
        searches, questions = (judging.of(kind, cells, results) for kind in (SearchCell, ReuseCell))
        return {"search": figure.search_curves(searches), "reuse": figure.reuse_curves(questions)}

    def alt(self, curves: Curves) -> str:
        """The best candidate with its bounds, and the end of the questions."""
        found, asked = curves["search"], curves["reuse"]
        bounds = ", ".join(f"{name} {values[0]:.3f}" for name, values in found["bounds"].items())
        return (
            f"Risks, validation errors and bounds of {len(found['risks'])} candidates; of the best, risk {found['risks'][0]:.3f}, "
            f"{bounds}. Reported error of the last model against the number of models asked about, from {asked['reported'][0]:.3f} down to "
            f"{asked['reported'][-1]:.3f} at {asked['asked'][-1]}, where the risk is 0.5. Errors of the candidates on two test sets."
        )

    def trap(self) -> Trap:
        """Bounds that fail on every sample."""
        cells: list[Cells] = [SearchCell(seed, widths=(4,), rates=(0.1, 0.2), steps=(10,), draws=10) for seed in (0, 1)]
        cells += [ReuseCell(seed, n=100, classifiers=(1, 9), repetitions=10) for seed in (0, 1)]
        faulty, sound = ([judging.made_up(cell, failing) for cell in cells] for failing in (True, False))
        return Trap("bounds without their deviation: some candidate's risk exceeds them on every sample", "union", cells, faulty, sound)
