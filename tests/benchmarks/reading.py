"""How long it takes to read a network, compared with torch.export.export alone, in one run: one JSON object.

python tests/benchmarks/reading.py [--networks mobilenet_v2 densenet121 ...] [--size 32] [--clock cpu|wall]

The networks are torchvision's, with random weights, ten outputs and inputs of 32 x 32; torchvision is not a dependency of the project.

- ``export``: ``torch.export.export`` of the network, its batch size left open, after one of another network (what is loaded once is not
  counted);
- ``read``: ``read_graph``, which copies and runs the network, exports it, reads every operation, and compares what it read with what the
  network computes;
- ``ratio``: read / export. Its goal is 2, and that of ``read`` 10 seconds.

A network that can't be read has the reason in place of its time, with the time after which it was refused.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import types
import warnings
from typing import Any

import torch
from torch import nn
from torch.export import Dim, export

from genbounds.models.tracing import read_graph

NETWORKS = ("mobilenet_v2", "efficientnet_b0", "densenet121", "resnet18")
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def torchvision_models() -> Any:
    """torchvision's networks, none of which needs the compiled operators that another build of torch can't load."""
    try:
        return importlib.import_module("torchvision.models")
    except RuntimeError:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
        return importlib.import_module("torchvision.models")


def exported_alone(network: nn.Module, x: torch.Tensor) -> None:
    """What everybody has to wait for."""
    export(network.eval(), (x,), dynamic_shapes=({0: Dim("batch")},), strict=False)


def measured(name: str, size: int, clock: Any) -> dict[str, object]:
    """One network's row."""
    torch.manual_seed(0)
    network = getattr(torchvision_models(), name)(weights=None, num_classes=10).eval()
    x = torch.randn(2, 3, size, size)
    start = clock()
    exported_alone(network, x)
    alone = clock() - start
    start, refused = clock(), ""
    try:
        read_graph(network, x)
    except ValueError as error:
        refused = str(error)
    seconds = clock() - start
    row: dict[str, object] = {"network": name, "export_seconds": round(alone, 3), "read_seconds": round(seconds, 3)}
    row |= {"ratio": round(seconds / alone, 3), "in_ten_seconds": seconds <= 10, "at_most_twice_export": seconds <= 2 * alone}
    return row | ({"refused": refused} if refused else {})


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="cpu", help="cpu: time on the cores, on a machine that others use")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    exported_alone(nn.Sequential(nn.Linear(2, 2)), torch.zeros(2, 2))
    rows = [measured(name, arguments.size, CLOCKS[arguments.clock]) for name in arguments.networks]
    print(json.dumps({"size": arguments.size, "clock": arguments.clock, "torch": torch.__version__, "networks": rows}, indent=1))


if __name__ == "__main__":
    main()
