"""The tile plan of a run folder: which cells are computed together, and in how much memory, decided once and kept in plan.json.

A tile is the unit of work. Its composition can change the last bits of a batched computation, so a resumed run, a
worker or a cluster takes the plan as it stands. Cells that are new (another study, a longer list) get new tiles at
its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genbounds.verification.runs.cells import Cell, Study, cell_name
from genbounds.verification.runs.store import StoreError, write_atomically

PLAN = "plan.json"


@dataclass(frozen=True)
class Tile:
    """Cells of one study that run together, with their keys in the same order; ``wanted`` are those still missing."""

    study: Study
    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    wanted: frozenset[str]


def named_cells(study: Study) -> dict[str, Cell]:
    """The cells of a study by key, in the study's order.

    Raises:
        ValueError: two cells are equal.
    """
    named: dict[str, Cell] = {}
    for cell in study.cells():
        key = cell_name(study, cell)
        if key in named:
            raise ValueError(f"the cells of study {study.name!r} must be distinct, got {cell!r} twice")
        named[key] = cell
    return named


def planned(folder: Path, study: Study, cells: Mapping[str, Cell]) -> list[tuple[str, ...]]:
    """The tiles of a study as tuples of keys: those of plan.json, and new ones for cells that are not in it yet."""
    plan = read_plan(folder)
    tiles = [tuple(keys) for keys in plan.get(study.name, [])]
    known = {key for keys in tiles for key in keys}
    fresh = [key for key in cells if key not in known]
    if fresh:
        tiles += _chunks(study, fresh, cells)
        # Read again: another run may have planned meanwhile, and its other studies are to stay.
        now = _read(folder)
        _write(folder, {**now, "tiles": {**now.get("tiles", {}), study.name: [list(keys) for keys in tiles]}})
    return tiles


def planned_tile_bytes(folder: Path, studies: Sequence[Study]) -> int | None:
    """What the networks that train at once may take, see ``genbounds.models.ensemble.tiles.tile_bytes``: as plan.json has it.

    Where it has none, it is measured and written if one of the studies measures its tiles, and None otherwise.
    """
    room: int | None = _read(folder).get("tile_bytes")
    if room is None and any(study.measures_tiles for study in studies):
        from genbounds.models.ensemble.tile_measurement import measured_tile_bytes

        # Of two runs that measure at once the first one's number stays, and both work with it.
        _write(folder, {"tile_bytes": measured_tile_bytes(), **_read(folder)})
        room = _read(folder)["tile_bytes"]
    return room


def missing_tiles(folder: Path, study: Study, cells: Mapping[str, Cell], done: set[str]) -> Iterator[Tile]:
    """The tiles of which some cell is missing. A tile that is half there (a torn line) runs whole, as it was planned."""
    for keys in planned(folder, study, cells):
        asked = tuple(key for key in keys if key in cells)
        wanted = frozenset(key for key in asked if key not in done)
        if wanted:
            yield Tile(study, asked, tuple(cells[key] for key in asked), wanted)


def read_plan(folder: Path) -> dict[str, list[list[str]]]:
    """The tiles by study, or nothing where there is no plan yet.

    Raises:
        StoreError: the file is there but no plan.
    """
    return dict(_read(folder).get("tiles", {}))


def _read(folder: Path) -> dict[str, Any]:
    path = folder / PLAN
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        for study, tiles in plan["tiles"].items():
            if not all(isinstance(key, str) for keys in tiles for key in keys) or not all(isinstance(keys, list) for keys in tiles):
                raise ValueError(f"tiles of study {study[:100]!r} that are not lists of keys")
        room = plan.get("tile_bytes", 1)
        if type(room) is not int or room < 1:
            raise ValueError(f"tile_bytes of {room!r}, which is not a number of bytes")
    except FileNotFoundError:
        return {}
    except Exception as error:  # whatever the file holds: null, text, JSON that is nested too deeply
        words = f"{type(error).__name__}: {error}"[:200]
        raise StoreError(f"{path} must be a tile plan, got another file ({words}): remove it, and a new one is made") from error
    return dict(plan)


def _write(folder: Path, plan: Mapping[str, Any]) -> None:
    write_atomically(folder / PLAN, json.dumps({"tiles": {}, **plan, "version": 1}, sort_keys=True) + "\n")


def _chunks(study: Study, keys: Sequence[str], cells: Mapping[str, Cell]) -> list[tuple[str, ...]]:
    """Tiles of at most ``study.tile_size`` cells of one group each, in the study's order."""
    size = study.tile_size
    if isinstance(size, bool) or int(size) != size or size < 1:
        raise ValueError(f"tile_size of study {study.name!r} must be a whole number of cells, at least 1, got {size}")
    groups: dict[object, list[str]] = {}
    for key in keys:
        groups.setdefault(study.group(cells[key]), []).append(key)
    return [tuple(group[start : start + size]) for group in groups.values() for start in range(0, len(group), size)]
