"""The ids by which the numbers of a report are cited."""

from __future__ import annotations

import hashlib
import json


def row_id(cell: str, bound: str, quantity: str) -> str:
    """The id of a number of a report: the first 10 hex digits of the BLAKE2b hash of cell, bound and quantity.

    >>> row_id("3f1c", "holdout.hoeffding", "risk")
    '52f7fc4fa9'
    """
    text = json.dumps([cell, bound, quantity], ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode()).hexdigest()[:10]


def family_of(bound: str) -> str:
    """The family in a catalogue name.

    >>> family_of("vc.sauer")
    'vc'
    """
    return bound.split(".")[0]
