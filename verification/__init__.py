"""Populations with known risk, scenarios, a ladder of checks that tries to refute each bound, studies, the report and the command line."""

from genbounds.verification.checks.check import Checked, check

__all__ = ["Checked", "check"]
