"""A canary: a fault that a study plants before its own checks in every run, and the sound case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Canary:
    """What the checks of a study made of a planted fault and of the sound case.

    Attributes:
        planted: the fault, in words.
        checks: the checks that must refute it.
        missed: those of them that did not.
        alarmed: those that refuted the sound case.
    """

    planted: str
    checks: tuple[str, ...]
    missed: tuple[str, ...] = ()
    alarmed: tuple[str, ...] = ()

    @classmethod
    def of(cls, planted: str, found: dict[str, tuple[bool, bool]]) -> Canary:
        """From what each check said: whether it refuted the planted fault, and whether it refuted the sound case.

        >>> Canary.of("n doubled", {"coverage": (True, False), "audit": (False, False)}).missed
        ('audit',)
        """
        missed = tuple(check for check, (fault, _) in found.items() if not fault)
        return cls(planted, tuple(found), missed, tuple(check for check, (_, sound) in found.items() if sound))
