"""A study that says for what memory the tiles of its ensembles are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genbounds.models.ensemble.tiles import tile_bytes
from genbounds.verification.runs.cells import Result, Study


@dataclass(frozen=True)
class Asked:
    """One question."""

    number: int


class Tiles(Study):
    """``tile_bytes()`` of the process where a cell runs."""

    name = "tiles"
    revision = 1
    description = "Tiles of ensembles."

    def __init__(self, count: int, measures_tiles: bool) -> None:
        self.count, self.measures_tiles = count, measures_tiles

    def cells(self) -> Sequence[Asked]:
        """The questions."""
        return [Asked(number) for number in range(self.count)]

    def run_tile(self, cells: Sequence[Asked]) -> list[Result]:
        """The answers."""
        return [{"bytes": tile_bytes()} for _ in cells]
