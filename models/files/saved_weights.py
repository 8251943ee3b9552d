"""State dicts from files that may come from anywhere: safetensors, or ``torch.load`` restricted to tensors. No code in a file is run."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.files.limits import largest_bytes, reading
from genbounds.models.files.pickle_work import refuse_explosive

StrPath = str | os.PathLike[str]
_PICKLES = 5
"""A file of before 2020 is so many pickles, and then numbers: a magic number, a version, the system, the weights, the names of storages."""
_SEPARATE = "save the weights alone: torch.save(model.state_dict(), path), or safetensors.torch.save_model(model, path)"


def read_state_dict(path: StrPath) -> dict[str, Tensor]:
    """The tensors of a safetensors file or of a ``torch.save``d state dict, by name, on the CPU.

    A dict with the one entry ``state_dict`` beside others (a checkpoint) is opened. Whole-module pickles, exported programs and TorchScript
    archives are refused, as reading them can run code. Raises ``ValueError`` naming the file and the remedy.
    """
    if not Path(path).is_file():
        raise ValueError(f"the weights' file must exist, got {path}: check the path")
    with reading(path, "file of weights", _SEPARATE):
        return _plain_tensors(_safetensors(path) if _looks_like_safetensors(path) else _torch(path), path)


def _plain_tensors(found: Any, path: StrPath) -> dict[str, Tensor]:
    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    if not isinstance(found, Mapping) or not found:
        raise ValueError(f"{path} must hold a state dict, got {_described(found)}: {_SEPARATE}")
    for name, tensor in found.items():
        plain = isinstance(tensor, Tensor) and tensor.layout == torch.strided and not tensor.is_meta and not tensor.is_quantized
        if not isinstance(name, str) or not plain:
            called = repr(name[:100]) if isinstance(name, str) else f"a {type(name).__name__}"  # whose text may be endless
            raise ValueError(f"{path} must map names to plain tensors, got {_described(tensor)} under {called}: {_SEPARATE}")
    unfolded = sum(tensor.numel() * tensor.element_size() for tensor in found.values())
    if unfolded > max(largest_bytes(), Path(path).stat().st_size):
        raise ValueError(
            f"{path} must hold tensors that fit into memory, got {unfolded} bytes when the views in it are unfolded: {_SEPARATE}"
        )
    return dict(found)


def load_weights(model: nn.Module, weights: Mapping[str, Tensor], what: StrPath) -> nn.Module:
    """Put the tensors into the module and return it in eval mode; ``ValueError`` if names or shapes do not fit.

    Weights that the module's own dtypes would round make it one of float64. ``ValueError`` too where what the module then holds is not what
    was saved: two names of one shared tensor with different numbers, fractions for a whole number.

    >>> model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    >>> _ = load_weights(model, {"0.weight": torch.tensor([[1e-9]], dtype=torch.float64), "1.weight": torch.ones(1, 1)}, "saved")
    >>> model[0].weight.dtype, model[0].weight.item()
    (torch.float64, 1e-09)
    """
    own = model.state_dict()
    missing, unknown = [name for name in own if name not in weights], [name for name in weights if name not in own]
    if missing or unknown:
        raise ValueError(
            f"{what} must hold the weights of the constructed network, got {_listed('missing', missing)}{_listed('unknown', unknown)}: "
            "construct the network that was saved"
        )
    for name, tensor in own.items():
        if tensor.shape != weights[name].shape:
            raise ValueError(
                f"{what}: {name} must have shape {tuple(tensor.shape)}, as in the constructed network, got {tuple(weights[name].shape)}: "
                "construct the network that was saved"
            )
        if tensor.is_floating_point() and not _same_numbers(weights[name].to(tensor.dtype), weights[name]):
            model.double()  # the certificate is about the saved weights, not about their roundings
    model.load_state_dict(dict(weights))
    for name, tensor in model.state_dict().items():
        if not _same_numbers(tensor, weights[name]):
            raise ValueError(
                f"{what}: {name} must hold what {name} of the constructed network can, of {tensor.dtype} and perhaps shared with other "
                "names, got other numbers: construct the network that was saved"
            )
    return model.eval()


def _same_numbers(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same real numbers, NaN among them, whatever their dtypes."""
    return not other.is_complex() and torch.allclose(one.double().cpu(), other.double().cpu(), rtol=0.0, atol=0.0, equal_nan=True)


def _looks_like_safetensors(path: StrPath) -> bool:
    """Eight bytes of length, then a JSON object."""
    with open(path, "rb") as stream:
        head = stream.read(9)
    return len(head) == 9 and head[8:] == b"{" and int.from_bytes(head[:8], "little") < 2**28


def _safetensors(path: StrPath) -> Any:
    try:
        from safetensors.torch import load_file
    except ModuleNotFoundError as error:
        raise ValueError(f"{path} is a safetensors file, and safetensors is not installed: pip install 'genbounds[verify]'") from error
    try:
        return load_file(path, device="cpu")
    except Exception as error:
        raise ValueError(f"{path} must be a whole safetensors file, got a damaged one ({_one_line(error)}): save it again") from error


def _torch(path: StrPath) -> Any:
    """``torch.load`` that admits tensors and plain containers only, after a look at the sizes of a zip archive."""
    if zipfile.is_zipfile(path):
        _check_archive(path)
    else:
        with reading(path, "file of torch.save", _SEPARATE), open(path, "rb") as stream:
            for _ in range(_PICKLES):
                refuse_explosive(stream)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} must hold tensors alone, got a pickle that needs code, or a damaged file: {_SEPARATE}") from error
    except Exception as error:
        raise ValueError(
            f"{path} must be a safetensors file or a state dict saved by torch.save, got {type(error).__name__}: {_one_line(error)}: "
            f"{_SEPARATE}"
        ) from error


def _check_archive(path: StrPath) -> None:
    """torch.save stores without compression: a member that claims more bytes than the file has would only fill the memory."""
    with reading(path, "file of torch.save", "save it again"), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    total, size = sum(member.file_size for member in members), Path(path).stat().st_size
    if any(member.compress_type != zipfile.ZIP_STORED for member in members) or total > size:
        raise ValueError(f"{path} must be as torch.save writes it, got an archive that claims {total} bytes in {size}: forged")
    with reading(path, "file of torch.save", "save it again"), zipfile.ZipFile(path) as archive:
        for member in members:
            if member.filename.endswith("/data.pkl"):
                with archive.open(member) as stream:
                    refuse_explosive(stream)  # type: ignore[arg-type]


def _described(value: Any) -> str:
    return f"{type(value).__name__} {'without entries' if isinstance(value, Mapping) and not value else ''}".strip()


def _listed(word: str, names: list[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    return f"{len(names)} {word} ({shown}) "


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
