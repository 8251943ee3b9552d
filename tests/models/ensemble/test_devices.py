"""Device discipline, as far as a CPU shows it: training and measuring on a pretended device, whose tensors mix with no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.models.pretended_device import Elsewhere, MixedDevices, Pretended, pretended_device
from torch import Tensor, nn

from genbounds.models.ensemble import Adam, CountSamples, Ensemble, IndexSamples, ModuleEnsemble, Stopping
from genbounds.models.ensemble.training import TileTraining
from genbounds.models.networks import ConvolutionalNetwork, RecurrentNetwork
from genbounds.models.randomness.streams import Stream

STREAM = Stream("tests", "devices")
INPUTS = STREAM.sub("inputs").normal([0], 0, 120).reshape(30, 4)
LABELS = (INPUTS[:, 0] > 0).long()
SAMPLES = IndexSamples(torch.arange(30))
RECIPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "permutation": {"order": "permutation"},
    "full": {"order": "full", "batch_size": None},
    "momentum and decay": {"momentum": 0.9, "weight_decay": 0.01},
    "Adam": {"adam": Adam()},
    "rates of their own": {"learning_rate": torch.tensor([0.1, 0.2, 0.3]), "weight_decay": 0.01},
    "projection": {"projection_radius": 1.0},
    "schedule": {"schedule": torch.linspace(1, 0, 60)},
    "counts": {"samples": CountSamples(torch.ones(3, 30, dtype=torch.int64))},
    "counts, full": {"samples": CountSamples(torch.ones(3, 30, dtype=torch.int64)), "order": "full", "batch_size": None},
    "stopping": {"stopping": Stopping(every=2, loss=0.5)},
}


def _trained(device: str, activation: str, recipe: dict[str, Any], steps: int = 5) -> list[Tensor]:
    """Parameters, and everything that is measured afterwards."""
    ensemble = Ensemble((4, 5, 2), activation, networks=3, stream=STREAM, device=device, dtype=torch.float64)
    settings: dict[str, Any] = {"batch_size": 4, "learning_rate": 0.1, "samples": SAMPLES, **recipe}
    samples = settings.pop("samples")
    ensemble.train(INPUTS, LABELS, samples, steps=steps, **settings)
    assert all(isinstance(parameter, Elsewhere) == (device != "cpu") for parameter in ensemble.parameters)
    measured = [ensemble.errors(INPUTS, LABELS), ensemble.errors(INPUTS, LABELS, samples), ensemble.margins(INPUTS, LABELS)]
    measured += [ensemble.mean_loss(INPUTS, LABELS), ensemble.mean_loss(INPUTS, LABELS, samples), ensemble.mistakes(INPUTS, LABELS)]
    return [tensor.cpu().double() for tensor in (*ensemble.parameters, *measured)]


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("name", RECIPES)
def test_training_elsewhere_is_training_here_and_mixes_no_devices(name: str, activation: str) -> None:
    here = _trained("cpu", activation, RECIPES[name])
    with pretended_device() as device:
        there = _trained(device, activation, RECIPES[name])
    assert all(torch.allclose(one, other, rtol=0, atol=1e-12) for one, other in zip(here, there, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in RECIPES if name != "stopping"])
def test_no_step_waits_for_the_device(name: str) -> None:
    """As many values are read in fifty steps as in five: a read in each step would keep a GPU idle."""
    with pretended_device() as device:
        _trained(device, "relu", RECIPES[name], 5)
        few, Pretended.reads = Pretended.reads, 0
        _trained(device, "relu", RECIPES[name], 50)
        assert Pretended.reads == few


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "shape"),
    [(lambda: ConvolutionalNetwork((1, 4, 4), (2,), 2), (1, 4, 4)), (lambda: RecurrentNetwork(4, 3, 2), (4, 4))],
    ids=["convolutional", "recurrent"],
)
def test_modules_train_elsewhere_as_here(module: Callable[[], nn.Module], shape: tuple[int, ...]) -> None:
    inputs = STREAM.sub("images").normal([0], 0, 192).reshape(12, 16)

    def trained(device: str) -> list[Tensor]:
        ensemble = ModuleEnsemble(module(), shape, 2, networks=2, stream=STREAM, device=device, dtype=torch.float64)
        ensemble.train(inputs, LABELS[:12], IndexSamples(torch.arange(12)), steps=2, batch_size=4, learning_rate=0.1)
        return [tensor.cpu().double() for tensor in (*ensemble.parameters, ensemble.errors(inputs, LABELS[:12]))]

    here = trained("cpu")
    with pretended_device() as device:
        there = trained(device)
    assert all(torch.allclose(one, other, rtol=0, atol=1e-12) for one, other in zip(here, there, strict=True))


def test_streams_are_the_same_bit_for_bit() -> None:
    wanted = [STREAM.uniform([0, 3], 5, 11), STREAM.integers([0, 3], 1, 9, 100), STREAM.permutation([0, 3], 2, 13)]
    with pretended_device() as device:
        other = STREAM.on(device)
        found = [other.uniform([0, 3], 5, 11), other.integers([0, 3], 1, 9, 100), other.permutation([0, 3], 2, 13)]
        assert all(isinstance(tensor, Elsewhere) for tensor in found)
        assert all(torch.equal(tensor.cpu(), one) for tensor, one in zip(found, wanted, strict=True))


@pytest.mark.slow
def test_a_tensor_made_on_the_cpu_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a mask that forgets the device, and a step that looks at a loss."""
    step = TileTraining._step

    def forgetful(self: TileTraining, number: int, rows: Tensor) -> None:
        step(self, number, rows)
        self.state.parameters[0].mul_(torch.ones(len(self.state.parameters[0]), 1, 1, dtype=torch.float64))

    def curious(self: TileTraining, number: int, rows: Tensor) -> None:
        step(self, number, rows)
        float(self.state.parameters[0].sum())

    with pretended_device() as device:
        monkeypatch.setattr(TileTraining, "_step", forgetful)
        with pytest.raises(MixedDevices, match="two devices"):
            _trained(device, "relu", {})
        monkeypatch.setattr(TileTraining, "_step", curious)
        Pretended.reads = 0
        _trained(device, "relu", {}, 5)
        few, Pretended.reads = Pretended.reads, 0
        _trained(device, "relu", {}, 50)
        assert Pretended.reads == few + 45
