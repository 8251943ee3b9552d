"""Figures to take along: functions that draw on axes of yours, and return them. The report draws its own figures with them.

Each takes plain numbers, or certificates in their place, changes nothing but the axes, and reads no settings of its own: size, font and
title are yours. What is not a certificate (an estimate, or a violated assumption) is drawn as such. They need matplotlib.
"""

from genbounds.verification.plots.against_n import bound_against_n
from genbounds.verification.plots.code_lengths import code_lengths
from genbounds.verification.plots.coverage import coverage
from genbounds.verification.plots.frontier import frontier
from genbounds.verification.plots.margins import margins
from genbounds.verification.plots.resolution import resolution

__all__ = ["bound_against_n", "code_lengths", "coverage", "frontier", "margins", "resolution"]
