"""The page of published certificates: its table is that of the records, and the figures of its text follow from the printed numbers."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from mpmath import findroot, log, mp, mpf
from typer.testing import CliRunner

from genbounds.verification.cli import app
from genbounds.verification.rechecking.published import PUBLISHED, table
from genbounds.verification.rechecking.recheck import Validity

PAGE = (Path(__file__).parents[2] / "docs" / "published.md").read_text(encoding="utf-8")


def _kl(q: mpf, p: mpf) -> mpf:
    return (q * log(q / p) if q else mpf(0)) + (1 - q) * log((1 - q) / (1 - p))


def _inverse(q: float, c: mpf) -> mpf:
    """The upper kl inverse by bisection at 30 digits."""
    low, high = mpf(q), mpf(1) - mpf(10) ** -25
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if _kl(mpf(q), middle) < c else (low, middle)
    return high


def test_the_table_of_the_page_is_that_of_the_records() -> None:
    assert table() in PAGE


@pytest.mark.slow
def test_the_example_of_the_page_prints_what_the_page_says() -> None:
    command, printed = re.search(r"```sh\n(genbounds recheck .*)\n```\n\n```text\n(.*?)```", PAGE, flags=re.DOTALL).groups()  # type: ignore[union-attr]
    result = CliRunner().invoke(app, command.split()[1:])
    assert (result.exit_code, result.stdout) == (1, printed)


def test_verdicts_of_the_records() -> None:
    found = {(record.source, record.printed): record.recheck().verdict for record in PUBLISHED[2:]}
    assert found["kawaguchi2017generalization", "0.0694"] is Validity.VALID
    assert found["germain2015risk", "0.360433"] is Validity.NOT_VALID
    assert [record.recheck().verdict for record in PUBLISHED[:2]] == [Validity.UNDECIDED, Validity.NOT_VALID]


@pytest.mark.parametrize(("low_kl", "value"), [(True, 0.0291), (False, 0.0551)])
def test_the_range_of_perez_ortiz_at_half_of_n(low_kl: bool, value: float) -> None:
    """At KL = 0 and at risk 0, the two ends: .0279 at n = 60 000 becomes these at 30 000."""
    with mp.workdps(30):

        def cost(kl: mpf, n: int) -> mpf:
            return (kl + log(2 * mp.sqrt(n) / mpf("0.01"))) / n

        if low_kl:
            risk = findroot(lambda q: _kl(q, mpf("0.0279")) - cost(mpf(0), 60_000), mpf("0.0248"))
            again = _inverse(float(risk), cost(mpf(0), 30_000))
        else:
            kl = -log(1 - mpf("0.0279")) * 60_000 - log(2 * mp.sqrt(60_000) / mpf("0.01"))
            again = 1 - mp.exp(-cost(kl, 30_000))
    assert 0 <= value - float(again) + 1e-4 * low_kl < 1e-4
    assert f"{value:.4f}".lstrip("0") in PAGE


@pytest.mark.parametrize(
    ("printed", "risk", "n", "bits"),
    [(0.116, 0.0, 60_000, 10_668), (0.116, 0.01, 60_000, 7_578), (0.116, 0.02, 60_000, 5_698)],
)
def test_the_longest_codes_that_a_printed_number_allows(printed: float, risk: float, n: int, bits: int) -> None:
    with mp.workdps(30):
        allowed = (n * _kl(mpf(risk), mpf(printed)) - log(20)) / log(2)
    assert math.floor(allowed) == bits
    assert f"{bits:,}".replace(",", " ") in PAGE


@pytest.mark.parametrize(("kib", "n", "printed", "risk"), [("6.23", 60_000, 0.46, 0.0042), ("350", 1_281_167, 0.965, 0.348)])
def test_the_training_error_that_a_code_leaves_room_for(kib: str, n: int, printed: float, risk: float) -> None:
    with mp.workdps(30):
        cost = (mpf(kib) * 8192 * log(2) + log(20)) / n
        room = findroot(lambda q: _kl(q, mpf(printed)) - cost, mpf(risk))
        assert float(room) == pytest.approx(risk, rel=5e-3)
        if kib == "6.23":
            assert round(float(1 - mp.exp(-cost)), 4) == 0.4455
    assert f"{kib} KiB" in PAGE
