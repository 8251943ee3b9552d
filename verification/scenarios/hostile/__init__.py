"""Hostile scenarios: a choice that theorems need to be made in advance looks at the sample, and all else that they assume holds.

Each is an ordinary scenario whose ``hostile`` names the choice and whose audit says ``violated`` for the assumptions that exclude it, and
for these only. A bound that lists one of them is shown there and not judged; a bound that does not is judged, and refuted if it is false:
then its list of assumptions is incomplete.
"""

from __future__ import annotations

MEMORY = "hostile.memory"
PERCEPTRONS = "hostile.perceptrons"
DESCENT = "hostile.descent"
STOPPING = "hostile.stopping"
NETWORKS = "hostile.networks"

HOSTILE: dict[str, tuple[str, str]] = {}
"""Module and object of each hostile scenario."""
