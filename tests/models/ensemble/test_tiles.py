"""Tiles: that they cover the networks, and take the memory that was planned or measured."""

from __future__ import annotations

import pytest

from genbounds.models.ensemble import module_ensemble, plan_tiles, tile_measurement
from genbounds.models.ensemble.tiles import cache_bytes, cut, planned_tiles


def test_tiles_cover_the_networks_once():
    for networks in (1, 3, 64, 1000):
        for threads in (1, 2, 5):
            tiles = plan_tiles([40, 100, 100, 2], networks, 50, threads=threads)
            assert [k for rows in tiles for k in range(networks)[rows]] == list(range(networks))
    assert len(plan_tiles([2, 4, 2], 64, 10)) == 1
    assert len(plan_tiles([784, 1000, 1000, 10], 64, 50)) > 4


@pytest.mark.parametrize(("room", "tiles"), [(1 << 20, 16), (2 << 20, 8), (1 << 30, 1)])
def test_tiles_take_what_was_planned(room, tiles):
    """A network of 30-60-2 with batches of 40: 1982 parameters and 3 * 40 * 92 activations, 52 088 bytes; ten fit half a MiB."""
    with planned_tiles(room):
        assert len(plan_tiles([30, 60, 2], 160, 40)) == tiles


def test_the_usual_size_stays_unless_another_is_clearly_faster(monkeypatch):
    usual = cache_bytes()
    for times, best in (
        ({usual: 1.0, usual // 2: 0.9}, usual),
        ({usual: 1.0, usual // 2: 0.8}, usual // 2),
        ({usual: 1.0, 2 * usual: 0.5, usual // 4: 0.7}, 2 * usual),
    ):
        monkeypatch.setattr(tile_measurement, "_seconds", lambda room, times=times: times.get(room, 2.0))
        assert tile_measurement.measured_tile_bytes.__wrapped__() == best


@pytest.mark.slow
def test_a_measurement_trains_in_tiles_of_the_size_that_it_measures(monkeypatch):
    cuts = []

    def counted(networks, one, device, threads):
        cuts.append(cut(networks, one, device, threads))
        return cuts[-1]

    monkeypatch.setattr(module_ensemble, "cut", counted)
    small, large = tile_measurement._seconds(1 << 20), tile_measurement._seconds(1 << 30)
    assert min(small, large) > 0
    assert [len(tiles) for tiles in cuts] == [16] * 3 + [1] * 3
