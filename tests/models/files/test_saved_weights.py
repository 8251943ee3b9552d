"""State dicts: what is saved is read back, and nothing in a file is ever run."""

from __future__ import annotations

import io
import os
import pickle
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from genbounds.models.files.saved_weights import load_weights, read_state_dict


class Trap:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (os.mkdir, (str(self.mark),))


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


def _save(kind: str, path: Path, state: dict[str, torch.Tensor]) -> None:
    if kind == "safetensors":
        save_file(state, path)
    elif kind == "checkpoint":
        torch.save({"epoch": 3, "state_dict": state}, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")


@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy", "checkpoint"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_what_is_saved_is_read_back(tmp_path: Path, kind: str, dtype: torch.dtype) -> None:
    saved = _network().to(dtype)
    _save(kind, tmp_path / "weights", saved.state_dict())
    found = read_state_dict(tmp_path / "weights").tensors
    torch.manual_seed(1)
    loaded = load_weights(_network(), found, "weights")
    assert not loaded.training
    for name, tensor in saved.state_dict().items():
        assert torch.equal(loaded.state_dict()[name].double(), tensor.double())  # float64 weights are not rounded to float32


def _hostile(tmp_path: Path, mark: Path) -> dict[str, Path]:
    state, trap = _network().state_dict(), Trap(mark)
    files: dict[str, Path] = {}

    def write(name: str, data: bytes) -> None:
        files[name] = tmp_path / f"{len(files)}.pt"
        files[name].write_bytes(data)

    def saved(value: Any, **options: Any) -> bytes:
        stream = io.BytesIO()
        torch.save(value, stream, **options)
        return stream.getvalue()

    whole = saved(state)
    write("a pickle with a side effect", pickle.dumps(trap))
    write("a side effect inside torch.save", saved({"weight": trap}))
    write("the same in the old format", saved({"weight": trap}, _use_new_zipfile_serialization=False))
    write("a whole module", saved(_network()))
    write("cut short", whole[: len(whole) // 2])
    write("empty", b"")
    write("text", b"weights" * 100)
    write("a list", saved([torch.ones(3)]))
    write("names that are not words", saved({1: torch.ones(3)}))
    write("an empty dict", saved({}))
    write("a sparse tensor", saved({"a": torch.eye(3).to_sparse()}))
    write("safetensors cut short", struct.pack("<Q", 200) + b'{"a": ')
    write(
        "safetensors with a forged header",
        struct.pack("<Q", 70) + b'{"a":{"dtype":"F32","shape":[9999999999],"data_offsets":[0,4]}}'.ljust(70),
    )
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        archive.writestr("archive/data/0", bytes(2**24))
    write("a zip bomb", bomb.getvalue())
    script = tmp_path / "script.pt"
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), str(script))
    files["TorchScript"] = script
    exported = tmp_path / "exported.pt2"
    torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.ones(1, 2),)), str(exported))
    files["an exported program"] = exported
    files["not there"] = tmp_path / "missing.pt"
    return files


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("forced", [False, True])
def test_hostile_files_run_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forced: bool) -> None:
    """Neither by themselves nor where the environment asks torch for the unsafe way."""
    if forced:
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    mark = tmp_path / "mark"
    for name, path in _hostile(tmp_path, mark).items():
        with pytest.raises(ValueError, match=r".") as caught:
            read_state_dict(path)
        assert str(path) in str(caught.value), name
        assert not mark.exists(), name


def test_weights_that_do_not_fit() -> None:
    state = dict(_network().state_dict())
    with pytest.raises(ValueError, match=r"1 missing \(3.bias\)"):
        load_weights(_network(), {name: tensor for name, tensor in state.items() if name != "3.bias"}, "file")
    with pytest.raises(ValueError, match=r"1 unknown \(more\)"):
        load_weights(_network(), state | {"more": torch.ones(1)}, "file")
    with pytest.raises(ValueError, match=r"3.bias must have shape \(2,\).*got \(5,\)"):
        load_weights(_network(), state | {"3.bias": torch.ones(5)}, "file")


@pytest.mark.parametrize("saved", [torch.bfloat16, torch.float32, torch.float64])
def test_weights_that_the_module_would_round_make_it_one_of_float64(saved: torch.dtype) -> None:
    """1e-9 is not a half-precision number, but a bfloat16 of as many bits; 1/2 is both."""
    for value, wanted in ((1e-9, torch.float64), (0.5, torch.float16)):
        model = nn.Linear(1, 1).half()
        weights = {"weight": torch.tensor([[value]], dtype=saved), "bias": torch.zeros(1, dtype=saved)}
        load_weights(model, weights, "file")
        assert model.weight.dtype == wanted
        assert model.weight.double().item() == weights["weight"].double().item()


def test_what_the_module_cannot_hold_is_refused() -> None:
    """A shared tensor saved under two names with different numbers, a fraction for a counter, complex numbers."""
    shared = nn.Linear(2, 2)
    tied = nn.Sequential(shared, nn.ReLU(), shared)
    weights = {name: torch.full_like(tensor, float(name[0])) for name, tensor in tied.state_dict().items()}
    counted = nn.BatchNorm1d(1)
    statistics = {**counted.state_dict(), "num_batches_tracked": torch.tensor(0.5)}
    imaginary = {"weight": torch.ones(1, 1, dtype=torch.complex64), "bias": torch.zeros(1)}
    for model, state, name in ((tied, weights, "0.weight"), (counted, statistics, "num_batches"), (nn.Linear(1, 1), imaginary, "weight")):
        with pytest.raises(ValueError, match=f"file: {name}.* must hold what"), warnings.catch_warnings(action="ignore"):
            load_weights(model, state, "file")
