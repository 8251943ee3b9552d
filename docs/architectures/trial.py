"""One architecture on trial, in a process of its own."""

from __future__ import annotations

import copy
import multiprocessing
import resource
import time
import warnings
from typing import Any

import torch
from docs.architectures.attack import logits, steepness
from docs.architectures.kinds import Architecture
from torch import nn

SECONDS = 150


def tried(architecture: Architecture) -> dict[str, Any]:
    """What became of it: read or refused, in how many seconds of processor time, the bracket, and the steepest place found."""
    ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_child, args=(architecture, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv()  # type: ignore[no-any-return]
    except EOFError:
        return _known(architecture) | {
            "outcome": "stopped",
            "said": f"took more than {SECONDS} s of processor time, or too much memory",
        }
    finally:
        process.join()


def _known(architecture: Architecture) -> dict[str, Any]:
    return {"name": architecture.name, "package": architecture.package}


def _child(architecture: Architecture, pipe: Any) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    pipe.send(_known(architecture) | attempted(architecture))


def attempted(architecture: Architecture) -> dict[str, Any]:
    """The same in this process, with no limit."""
    from genbounds.models import summarize

    torch.manual_seed(0)
    model = architecture.build().eval()
    inputs = architecture.examples()
    _trained_a_little(model)
    labels = torch.zeros(len(inputs), dtype=torch.long)
    with torch.no_grad():
        if logits(copy.deepcopy(model)(inputs)).shape[1] == 1:
            labels += 1
    found: dict[str, Any] = {"parameters": sum(parameter.numel() for parameter in model.parameters())}
    start = time.process_time()
    try:
        summary = summarize(model, inputs, labels)
    except Exception as error:
        refused = isinstance(error, ValueError)
        return found | {
            "outcome": "refused" if refused else "error",
            "said": str(error) if refused else f"{type(error).__name__}: {error}",
            "seconds": time.process_time() - start,
        }
    found |= {"outcome": "read", "seconds": time.process_time() - start}
    for name in ("lower", "upper"):
        quantity = getattr(summary, f"lipschitz_{name}")
        found[name] = None if quantity is None else float(quantity.value)
    return found | {"ascent": steepness(model, inputs)}


def _trained_a_little(model: nn.Module) -> None:
    """Norms away from the identity that they start as, so that folding them wrongly would be seen."""
    random = torch.Generator().manual_seed(2)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is not None and module.running_var is not None:
            module.running_mean.copy_(0.1 * torch.randn(module.running_mean.shape, generator=random))
            module.running_var.copy_(0.5 + torch.rand(module.running_var.shape, generator=random))
