"""Try every architecture, store what became of it, and write the page: ``python -m docs.architectures [NAME ...]``, from the root.

timm, torchvision and transformers must be installed in addition to genbounds; nothing is downloaded, since all weights are random. Trials
that are stored already are kept: name those to be made again, or ``all``.
"""

from __future__ import annotations

import os
import sys
import types
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
# A torchvision that was built for another torch can't register operators (of detection) that no network here uses.
sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("torchvision._meta_registrations"))
warnings.simplefilter("ignore")

from docs.architectures import from_timm, from_torchvision, from_transformers, own  # noqa: E402
from docs.architectures.page import store, stored, write  # noqa: E402
from docs.architectures.trial import tried  # noqa: E402


def main(names: list[str]) -> None:
    """Those that are named, and those that were never tried."""
    known = {trial["name"]: trial for trial in stored()}
    everything = [one for module in (own, from_transformers, from_torchvision, from_timm) for one in module.architectures()]
    kept = {one.name: known[one.name] for one in everything if one.name in known and one.name not in names and "all" not in names}
    for one in everything:
        if one.name not in kept:
            kept[one.name] = tried(one)
            print(f"{one.package} {one.name}: {kept[one.name]['outcome']} {kept[one.name].get('said', '')[:300]}", flush=True)
            store([kept[other.name] for other in everything if other.name in kept])
    write()


if __name__ == "__main__":
    main(sys.argv[1:])
