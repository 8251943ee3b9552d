"""Populations with known risk, scenarios, a ladder of checks that tries to refute each bound, studies, the report and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genbounds.verification.checks.check import Checked, check

__all__ = ["Checked", "check"]


def __getattr__(name: str) -> Any:
    """``check`` and ``Checked``, imported when they are asked for: most commands of the command line need neither."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from genbounds.verification.checks import check as module

    return getattr(module, name)
