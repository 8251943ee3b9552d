"""The script for CUDA, its logic on the CPU at small sizes, and on a machine with a GPU the whole of it."""

from __future__ import annotations

import json
import sys

import pytest
import torch
from tests.cuda import check
from tests.models.pretended_device import pretended_device

from genbounds.models.ensemble.training import TileTraining


@pytest.mark.slow
def test_all_sections_are_ok_on_the_cpu_and_print_one_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["check.py", "--device", "cpu", "--small"])
    assert check.main() == 0
    found = json.loads(capsys.readouterr().out)
    assert all(found[section]["ok"] for section in check.SECTIONS)
    assert set(found["ensembles"]["largest difference"]) >= {"relu, Adam", "convolutional", "attention"}
    assert found["throughput"]["16 networks"]["network-steps per second"] > 0


@pytest.mark.slow
def test_the_sections_compare_another_device_with_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the pretended device all is the same; a step that is too long there, the planted fault, is seen."""
    monkeypatch.setattr(check, "MODULES", {})
    with pretended_device() as device:
        assert check.streams(device, small=True)["ok"]
        assert check.ensembles(device, small=True)["ok"]
        step = TileTraining._apply

        def longer(self: TileTraining, directions: list[torch.Tensor], number: int, decayed: bool = False) -> None:
            factor = 1.001 if self.pool.inputs.device.type != "cpu" else 1.0
            step(self, [direction * factor for direction in directions], number, decayed)

        monkeypatch.setattr(TileTraining, "_apply", longer)
        assert not check.ensembles(device, small=True)["ok"]


def test_what_stops_a_section_is_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(device: str, small: bool) -> dict[str, object]:
        raise ValueError("no such kernel")

    monkeypatch.setattr(check, "SECTIONS", {"streams": check.streams, "graphs": stops})
    found = check.report("cpu", small=True)
    assert found["graphs"]["stopped"] == "ValueError: no such kernel"
    assert not found["ok"]


@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_everything_on_a_gpu() -> None:
    assert check.report("cuda", small=False)["ok"]
