"""The memory that tiles of networks are cut to: measured once a run folder, kept in plan.json, the same on every worker."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from genbounds.models.ensemble import tile_measurement
from genbounds.models.ensemble.tiles import cache_bytes
from genbounds.verification.runs.run import results, run
from genbounds.verification.runs.store import StoreError

DUMMIES = Path(__file__).parents[1] / "dummies"
sys.path.insert(0, str(DUMMIES))  # Spawned workers take over sys.path, and find the study there.

from tile_study import Tiles  # noqa: E402


def answers(study: Tiles, folder: Path, **how: int) -> set[int]:
    return {result["bytes"] for _, result in results([study], run([study], folder, **how))["tiles"]}


@pytest.mark.slow
def test_tiles_are_measured_once_a_folder_and_are_the_same_on_every_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = []
    monkeypatch.setattr(tile_measurement, "measured_tile_bytes", lambda: measured.append(1) or 12345678)
    assert answers(Tiles(2, True), tmp_path) == {12345678}
    assert json.loads((tmp_path / "plan.json").read_text())["tile_bytes"] == 12345678
    assert answers(Tiles(5, True), tmp_path, workers=1) == {12345678}
    assert answers(Tiles(6, False), tmp_path) == {12345678}
    assert measured == [1]


def test_studies_that_do_not_ask_are_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tile_measurement, "measured_tile_bytes", lambda: pytest.fail("nobody asked"))
    assert answers(Tiles(2, False), tmp_path) == {cache_bytes()}
    assert set(json.loads((tmp_path / "plan.json").read_text())) == {"tiles", "version"}
    monkeypatch.undo()
    assert cache_bytes() == answers(Tiles(2, True), tmp_path).pop()  # finished cells: nothing is left to plan
    assert set(json.loads((tmp_path / "plan.json").read_text())) == {"tiles", "version"}


@pytest.mark.parametrize("room", ['"12"', "true", "-5", "0", "1.5", "1e400", "[1]", "null"])
def test_a_plan_with_another_number_of_bytes_is_refused(room: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(f'{{"tiles": {{}}, "version": 1, "tile_bytes": {room}}}')
    with pytest.raises(StoreError, match="tile_bytes"):
        answers(Tiles(2, True), tmp_path)


def test_of_two_runs_that_measure_at_once_the_first_number_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def measured() -> int:
        (tmp_path / "plan.json").write_text('{"tiles": {}, "version": 1, "tile_bytes": 111}')  # the other run, meanwhile
        return 222

    monkeypatch.setattr(tile_measurement, "measured_tile_bytes", measured)
    assert answers(Tiles(2, True), tmp_path) == {111}
