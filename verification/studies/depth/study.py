"""The study of depth: cells of four kinds, and what each claim makes of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.depth.claims import CLAIMS
from genbounds.verification.studies.depth.extraction import Constructed, construct
from genbounds.verification.studies.depth.figure import PANELS
from genbounds.verification.studies.depth.findings import (
    depths_of,
    middle,
    of_constructed,
    of_kind,
    of_searched,
    of_table,
    of_trained,
    rates_of,
    size_of,
)
from genbounds.verification.studies.depth.made_up import made_up
from genbounds.verification.studies.depth.searched import Searched, search
from genbounds.verification.studies.depth.table import KINDS, Tabled, table
from genbounds.verification.studies.depth.trained import Trained, train
from genbounds.verification.studies.phenomenon import Curves, Extent, Finding, Phenomenon, Trap

DEPTHS = (1, 2, 4, 8, 16)
TRAINED: Mapping[Extent, int] = {"thumbnail": 3, "quick": 8, "full": 20}
"""Seeds."""
SEARCHED: Mapping[Extent, tuple[int, int, int, tuple[int, ...]]] = {
    "thumbnail": (3, 5, 80, DEPTHS[:4]),
    "quick": (5, 7, 150, DEPTHS),
    "full": (8, 8, 200, DEPTHS),
}
"""Seeds, points, steps, depths."""
BLOCKS: Mapping[Extent, tuple[int, ...]] = {"thumbnail": (2, 4, 8), "quick": (2, 4, 8, 16), "full": (2, 4, 8, 16, 20)}
TOGETHER: Mapping[Extent, tuple[int, ...]] = {"thumbnail": (1, 2, 3, 4, 5, 6), "quick": tuple(range(1, 9)), "full": tuple(range(1, 11))}
LAYERS: Mapping[Extent, tuple[int, ...]] = {
    "thumbnail": (4, 8, 16, 32, 64),
    "quick": (4, 8, 16, 32, 64, 128),
    "full": (4, 8, 16, 32, 64, 128, 256),
}


class Depth(Phenomenon):
    """What depth does to capacity bounds, compared with what it does to the risk and to the capacities themselves."""

    name = "depth"
    revision = 2
    description = (
        "Norm-product bounds and VC dimensions against depth: networks trained, complexities searched, points shattered by design."
    )
    tile_size = 32
    title: ClassVar[str] = "Depth in capacity bounds"
    claims = CLAIMS
    panels = PANELS
    caption: ClassVar[str] = (
        "From the top: the bounds and the risk of trained networks, with B^L dashed; the complexity of the class at a fixed product of "
        "norms, as found by a search for every sign vector, with both bounds; the number of points that a network shatters by "
        "construction and the upper bound, with W L log2 W dashed; the table of the lecture notes, where the rate for each kind of unit "
        "is dashed and drawn through its last point."
    )
    seconds: ClassVar[Mapping[Extent, float]] = {"thumbnail": 1.5, "quick": 14.0, "full": 50.0}

    def cells(self) -> Sequence[Cell]:
        """Trained and searched networks by depth and seed, constructed ones by blocks and by bits, and architectures by depth."""
        seeds, n, steps, depths = SEARCHED[self.extent]
        return [
            *(Trained(depth, seed=seed) for depth in DEPTHS for seed in range(TRAINED[self.extent])),
            *(Searched(depth, n=n, steps=steps, seed=seed) for depth in depths for seed in range(seeds)),
            *(balanced(blocks, 2) for blocks in BLOCKS[self.extent]),
            *(balanced(2, together) for together in TOGETHER[self.extent] if together != 2),
            *(Tabled(layers) for layers in LAYERS[self.extent]),
        ]

    def group(self, cell: Cell) -> Hashable:
        """Cells of one kind, and trained or searched ones of one depth, are computed together."""
        return type(cell).__name__, getattr(cell, "depth", 0)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """One ensemble or one batch of searches; constructions and table entries one by one."""
        first = cells[0]
        if isinstance(first, Trained):
            return list(train(cells))
        if isinstance(first, Searched):
            return list(search(cells))
        return [construct(cell) if isinstance(cell, Constructed) else table(cell) for cell in cells]

    def findings(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Finding]:
        """One for each claim."""
        return [
            *of_trained(*of_kind(Trained, cells, results)),
            *of_searched(*of_kind(Searched, cells, results)),
            *of_constructed(*of_kind(Constructed, cells, results)),
            of_table(*of_kind(Tabled, cells, results)),
        ]

    def curves(self, cells: Sequence[Cell], results: Sequence[Result]) -> Curves:
        """Means over seeds, by depth; constructions in the order of W L log2 W."""
        trained, searched = (of_kind(kind, cells, results) for kind in (Trained, Searched))
        built = sorted(of_kind(Constructed, cells, results)[1], key=size_of)
        tabled = of_kind(Tabled, cells, results)
        return {
            "trained": {"depth": depths_of(trained[0]), **{key: middle(*trained, key) for key in _TRAINED_CURVES}},
            "searched": {"depth": depths_of(searched[0]), **{key: middle(*searched, key) for key in _SEARCHED_CURVES}},
            "built": {
                "size": [size_of(one) for one in built],
                "lower": [one["lower"] for one in built],
                "upper": [one["upper"] for one in built],
            },
            "table": {
                "layers": [cell.layers for cell in tabled[0]],
                **{kind: [one[kind] for one in tabled[1]] for kind in KINDS},
                **{f"rate of {kind}": rates_of(kind, *tabled) for kind in KINDS},
            },
        }

    def alt(self, curves: Curves) -> str:
        """The ends of the curves."""
        trained, searched, built = curves["trained"], curves["searched"], curves["built"]
        return (
            f"From depth {trained['depth'][0]} to {trained['depth'][-1]} the norm-product bound rises from {trained['bound'][0]:.2g} to "
            f"{trained['bound'][-1]:.2g}, the risk is {trained['risk'][0]:.2g} and {trained['risk'][-1]:.2g}. At one product of norms the "
            f"complexity found is {searched['found'][-1] / searched['unit'][-1]:.2g} times the linear bound at depth "
            f"{searched['depth'][-1]}; the factor of 2015 is {searched['bound_2015'][-1] / searched['unit'][-1]:.4g}, that of 2018 "
            f"{searched['printed_2018'][-1] / searched['unit'][-1]:.3g}. Shattered points and upper bound both run along W L log W, "
            f"{built['upper'][-1] / built['lower'][-1]:.3g} times apart at the largest network."
        )

    def trap(self) -> Trap:
        """A search that found more than the bound of 2018 allows."""
        cells, faulty, sound = made_up()
        planted = "at depth 4 the search found a complexity 1.1 times the bound of 2018"
        return Trap(planted, "two factors", cells, faulty, sound)


_TRAINED_CURVES = ("bound", "risk", "complexity_2015", "complexity_2018", "layer_norm")
_SEARCHED_CURVES = ("found", "unit", "bound_2015", "printed_2018")


def balanced(blocks: int, together: int) -> Constructed:
    """About as many parameters for the numbers as for the extraction: what shatters most."""
    return Constructed(7 * blocks * 2**together, blocks * together, together)
