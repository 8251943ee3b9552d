"""What can become of a fault, and the name of what is not a fault."""

from __future__ import annotations

from typing import Literal, get_args

Fate = Literal["caught", "true", "same", "survived"]
FATES: tuple[Fate, ...] = get_args(Fate)
UNCHANGED = "nothing changed"
"""Stands for an operator where the formula is tried as it is, which nothing may catch."""
