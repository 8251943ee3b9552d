"""Errors on further examples against a summary of these examples."""

from __future__ import annotations

import pytest
from tests.models.certified_networks import convolutional, data, fit, mlp

from genbounds.models.measuring.held_out_errors import held_out_errors
from genbounds.models.measuring.summary import summarize


@pytest.mark.slow
def test_held_out_errors_are_those_of_a_summary_of_their_own() -> None:
    for make in (lambda: mlp(), convolutional):
        model = fit(make().double(), *data())
        x, y = data(77, seed=9)
        wanted = summarize(model, x, y)
        assert held_out_errors(model, summarize(model, *data()), [(x[:40], y[:40]), (x[40:], y[40:])]) == (wanted.errors, 77)
