"""Layouts of checkpoints: opened where names and shapes then fit exactly, which is said; each with a wrong sibling that is refused."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file, save_model
from torch import nn

from genbounds.models.files.saved_weights import SavedWeights, load_weights, read_state_dict

State = dict[str, torch.Tensor]


def network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


class Tied(nn.Module):
    """Its head is its embedding, as in many language models."""

    def __init__(self, tied: bool = True) -> None:
        super().__init__()
        self.body, self.first, self.head = nn.Linear(3, 3), nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False)
        if tied:
            self.head.weight = self.first.weight


STATE: State = network().state_dict()


def prefixed(prefix: str, state: State = STATE) -> State:
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


def but_one(prefix: str) -> State:
    return {name if name == "3.bias" else f"{prefix}{name}": tensor for name, tensor in STATE.items()}


BESIDE = {"epoch": 3, "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "params": [0, 1]}]}}
OTHER_SHAPE = {**STATE, "3.bias": torch.ones(5)}
LAYOUTS: dict[str, tuple[Any, Any, str, tuple[str, ...]]] = {
    "module.": (
        prefixed("module."),
        but_one("module."),
        r"got 8 missing \(0.weight, .*8 unknown \(module.0.weight",
        ("names without their common prefix 'module.'",),
    ),
    "_orig_mod.": (
        prefixed("_orig_mod."),
        prefixed("_orig_mod"),
        r"9 unknown \(_orig_mod0.weight",
        ("names without their common prefix '_orig_mod.'",),
    ),
    "model.": (
        prefixed("model."),
        prefixed("model.", OTHER_SHAPE),
        r"3.bias must have shape \(2,\)",
        ("names without their common prefix 'model.'",),
    ),
    "two prefixes": (
        prefixed("module._orig_mod."),
        prefixed("net.module."),
        r"9 unknown \(net.module.0.weight",
        ("names without their common prefix 'module._orig_mod.'",),
    ),
    **{
        entry: (
            {**BESIDE, entry: STATE},
            {**BESIDE, entry: {**STATE, "loss.weight": torch.ones(2)}},
            r"1 unknown \(loss.weight\)",
            (f"entry '{entry}' of the file",),
        )
        for entry in ("model", "net", "state_dict", "model_state_dict")
    },
    "an entry and a prefix": (
        {**BESIDE, "state_dict": prefixed("model.")},
        {**BESIDE, "state_dict": STATE, "model": STATE},
        "got one under each of 'state_dict' and 'model': save the one that is meant",
        ("entry 'state_dict' of the file", "names without their common prefix 'model.'"),
    ),
    "an entry of another name": (
        {"model": {"width": 4}, "state_dict": STATE},
        {"weights": STATE},
        "must map names to plain tensors, got OrderedDict under 'weights'",
        ("entry 'state_dict' of the file",),
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_opened_and_its_wrong_sibling_refused(layout: str, tmp_path: Path) -> None:
    right, wrong, message, said = LAYOUTS[layout]
    torch.save(right, tmp_path / "right.pt")
    torch.save(wrong, tmp_path / "wrong.pt")
    found = read_state_dict(tmp_path / "right.pt").of(network(1), "right.pt")
    assert found.said == said
    loaded = load_weights(network(1), found.tensors, "right.pt")
    assert all(torch.equal(tensor, STATE[name]) for name, tensor in loaded.state_dict().items())
    with pytest.raises(ValueError, match=message) as caught:
        load_weights(network(1), read_state_dict(tmp_path / "wrong.pt").tensors, tmp_path / "wrong.pt")
    assert "wrong.pt" in str(caught.value)


def test_names_that_are_the_networks_own_lose_no_prefix() -> None:
    """A network with one part named ``model`` has the prefix itself."""
    own = nn.Sequential()
    own.add_module("model", network(1))
    assert SavedWeights(prefixed("model.")).of(own, "a").said == ()
    assert SavedWeights(prefixed("model.model.")).of(own, "a").said == ("names without their common prefix 'model.'",)
    with pytest.raises(ValueError, match=r"9 missing \(model.0.weight.*9 unknown \(0.weight"):
        SavedWeights(STATE).of(own, "a")


def test_what_is_said_of_names_that_fit_nearly_is_said_of_the_nearest_reading() -> None:
    lacking = {name: tensor for name, tensor in prefixed("module.").items() if name != "module.3.bias"}
    with pytest.raises(ValueError, match=r"got 1 missing \(3.bias\), without the common prefix 'module.': construct"):
        SavedWeights(lacking).of(network(), "a")


@pytest.mark.parametrize("save", [save_model, lambda model, path: torch.save({"head.weight": model.head.weight.data,
                                  **{n: t for n, t in model.state_dict().items() if n.startswith("body")}}, path)])  # fmt: skip
def test_tied_weights_are_saved_once(save: Callable[[Any, str], None], tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Tied()
    save(model, str(tmp_path / "a"))
    found = read_state_dict(tmp_path / "a")
    assert len(found.tensors) == 3
    (said,) = found.of(Tied(), "a").said
    assert said in ("first.weight is head.weight, one tensor in the network", "head.weight is first.weight, one tensor in the network")
    loaded = load_weights(Tied(), found.tensors, "a")
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in loaded.state_dict().items())
    with pytest.raises(ValueError, match=r"got 1 missing \((first|head).weight\)"):
        load_weights(Tied(tied=False), found.tensors, "a")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", ["torch", "safetensors"])
def test_short_floats_are_the_numbers_that_they_are(dtype: torch.dtype, kind: str, tmp_path: Path) -> None:
    state = {name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in STATE.items()}
    (save_file if kind == "safetensors" else torch.save)(state, tmp_path / "a")
    loaded = load_weights(network(1), read_state_dict(tmp_path / "a").tensors, "a")
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor.double(), state[name].double())


def test_a_file_of_a_big_endian_machine(tmp_path: Path) -> None:
    """As such a machine writes it: the bytes of each number the other way round, and a record that says so."""
    plain = io.BytesIO()
    state = {"weight": torch.tensor([[1.5, -2.25]]), "bias": torch.tensor([1e-3])}
    torch.save(state, plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tmp_path / "a.pt", "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if "/data/" in member.filename:
                content = struct.pack(f">{len(content) // 4}f", *struct.unpack(f"<{len(content) // 4}f", content))
            new.writestr(member.filename, b"big" if member.filename.endswith("byteorder") else content)
    loaded = load_weights(nn.Linear(2, 1), read_state_dict(tmp_path / "a.pt").tensors, "a")
    assert all(torch.equal(loaded.state_dict()[name], tensor) for name, tensor in state.items())


def test_a_forged_chain_of_prefixes_takes_no_time() -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match="missing"):
        SavedWeights({"module." * 10**6 + "a": torch.ones(1)}).of(network(), "a")
    assert time.process_time() - start < 2


def test_safetensors_with_forged_metadata_are_read_by_their_names_alone(tmp_path: Path) -> None:
    """``save_model`` notes which names it left out; what is not one tensor in the network is not taken for one because a file says so."""
    save_file({"body.weight": torch.ones(3, 3), "body.bias": torch.ones(3), "first.weight": torch.ones(3, 3)}, tmp_path / "a",
              metadata={"head.weight": "first.weight", "format": "pt"})  # fmt: skip
    with pytest.raises(ValueError, match=r"1 missing \(head.weight\)"):
        load_weights(Tied(tied=False), read_state_dict(tmp_path / "a").tensors, "a")
