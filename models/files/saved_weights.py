"""State dicts from files that may come from anywhere: safetensors, or ``torch.load`` restricted to tensors. No code in a file is run."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
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


ENTRIES = ("state_dict", "model_state_dict", "model", "net")
"""Under which a checkpoint keeps its weights if it also holds an epoch, an optimizer and so on."""
PREFIXES = ("module.", "_orig_mod.", "model.")
"""Before all names of a network that was wrapped while it was saved: by ``DataParallel``, by ``torch.compile``, by a training loop."""


@dataclass(frozen=True)
class SavedWeights:
    """Tensors by name, and in words what was opened or left out to get them."""

    tensors: dict[str, Tensor]
    said: tuple[str, ...] = ()

    def of(self, model: nn.Module, what: StrPath) -> SavedWeights:
        """The same under the names of the module: without a common prefix, and with the names that share a tensor of the module.

        What ``safetensors.torch.save_model`` writes has one name for each shared tensor. ``ValueError`` if the names do not fit exactly.

        >>> wrapped = SavedWeights({"module.weight": torch.ones(1, 1), "module.bias": torch.ones(1)})
        >>> fitted = wrapped.of(nn.Linear(1, 1), "a.pt")
        >>> list(fitted.tensors), fitted.said
        (['weight', 'bias'], ("names without their common prefix 'module.'",))
        """
        own, names, dropped, tried = model.state_dict(), dict(self.tensors), "", []
        for _ in range(len(PREFIXES) + 1):
            shared = _shared(own, names)
            missing, unknown = [one for one in own if one not in names and one not in shared], [one for one in names if one not in own]
            if not missing and not unknown:
                said = [f"names without their common prefix {dropped!r}"] if dropped else []
                if shared:
                    pairs = [f"{one} is {other}" for one, other in shared.items()]
                    said.append(f"{', '.join(pairs[:4])}{', ...' if len(pairs) > 4 else ''}, one tensor in the network")
                return SavedWeights({one: names[shared.get(one, one)] for one in own}, (*self.said, *said))
            tried.append((len(missing) + len(unknown), missing, unknown, dropped))
            prefix = next((one for one in PREFIXES if names and all(name.startswith(one) and name != one for name in names)), None)
            if prefix is None:
                break
            dropped, names = dropped + prefix, {name.removeprefix(prefix): tensor for name, tensor in names.items()}
        _, missing, unknown, dropped = min(tried, key=lambda attempt: attempt[0])
        without = f", without the common prefix {dropped!r}" if dropped else ""
        got = " ".join(filter(None, (_listed("missing", missing), _listed("unknown", unknown))))
        raise ValueError(
            f"{what} must hold the weights of the constructed network, got {got}{without}: construct the network that was saved"
        )


def _shared(own: Mapping[str, Tensor], names: Mapping[str, Tensor]) -> dict[str, str]:
    """The names of the module that are missing, with one that is there and is the very same tensor of the module."""
    there = {_place(own[name]): name for name in names if name in own and own[name].numel()}
    return {name: there[_place(tensor)] for name, tensor in own.items() if name not in names and _place(tensor) in there}


def _place(tensor: Tensor) -> tuple[Any, ...]:
    return tensor.data_ptr(), tensor.device, tensor.dtype, tuple(tensor.shape), tensor.stride()


def read_state_dict(path: StrPath) -> SavedWeights:
    """The tensors of a safetensors file or of a ``torch.save``d state dict, by name, on the CPU.

    A checkpoint, a dict with the weights as one of the entries ``state_dict``, ``model_state_dict``, ``model``, ``net`` among others, is
    opened, and the result says so. Whole-module pickles, exported programs and TorchScript archives are refused, as reading them can run
    code. Raises ``ValueError`` naming the file and the remedy.
    """
    if not Path(path).is_file():
        raise ValueError(f"the weights' file must exist, got {path}: check the path")
    with reading(path, "file of weights", _SEPARATE):
        return _plain_tensors(_safetensors(path) if _looks_like_safetensors(path) else _torch(path), path)


def _plain_tensors(found: Any, path: StrPath) -> SavedWeights:
    found, said = _opened(found, path)
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
    return SavedWeights(dict(found), said)


def _opened(found: Any, path: StrPath) -> tuple[Any, tuple[str, ...]]:
    """The one entry of a checkpoint that is a state dict; what is found itself if there is none."""
    if not isinstance(found, Mapping):
        return found, ()
    nested = [entry for entry in ENTRIES if isinstance(found.get(entry), Mapping)]
    weights = [entry for entry in nested if found[entry] and all(isinstance(tensor, Tensor) for tensor in found[entry].values())]
    if len(weights) > 1:
        raise ValueError(
            f"{path} must hold one state dict, got one under each of {' and '.join(map(repr, weights))}: save the one that is meant, as in "
            f"torch.save(torch.load({str(path)!r})[{weights[0]!r}], path)"
        )
    if not nested:
        return found, ()
    entry = (weights or nested)[0]
    return found[entry], (f"entry {entry!r} of the file",)


def load_weights(model: nn.Module, weights: Mapping[str, Tensor], what: StrPath) -> nn.Module:
    """Put the tensors into the module and return it in eval mode; ``ValueError`` if names or shapes do not fit.

    Names may have a common prefix more, and be without those that share a tensor, as ``SavedWeights.of`` says.

    Weights that the module's own dtypes would round make it one of float64. ``ValueError`` too where what the module then holds is not what
    was saved: two names of one shared tensor with different numbers, fractions for a whole number.

    >>> model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    >>> _ = load_weights(model, {"0.weight": torch.tensor([[1e-9]], dtype=torch.float64), "1.weight": torch.ones(1, 1)}, "saved")
    >>> model[0].weight.dtype, model[0].weight.item()
    (torch.float64, 1e-09)
    """
    weights, own = SavedWeights(dict(weights)).of(model, what).tensors, model.state_dict()
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
    return f"{len(names)} {word} ({shown})"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
