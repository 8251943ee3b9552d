"""The compression study: what is certified is what the word decodes to, and the certificate charges for the whole word."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
import torch
from tests.reference import holdout as reference

from genbounds.models.compression import DIGITS, decode, encode, fixed_features
from genbounds.verification.populations import population
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import canonical_json, digest, parse_json
from genbounds.verification.studies.compression.cell import FRONTIER, ON_DIGITS
from genbounds.verification.studies.compression.certificates import (
    ALTERNATIVE_BITS,
    DELTA,
    FAMILIES,
    LN_2,
    _test_risk,
    architecture_of,
    compress_and_certify,
)
from genbounds.verification.studies.compression.study import Compressed

SMALL = replace(ON_DIGITS, epochs=4, n=300)


@pytest.mark.slow
def test_the_certificate_is_occams_at_the_errors_and_the_length_of_the_decoded_word() -> None:
    entry, word = compress_and_certify(SMALL)
    network, pool = decode(word, DIGITS), population("digits")
    assert encode(network) == word
    assert network.architecture == architecture_of(SMALL)
    features = fixed_features(DIGITS, SMALL.normalisation, torch.tensor(pool.inputs).reshape(-1, 8, 8))
    outputs, labels = network.logits(features), torch.tensor(pool.labels)
    # Errors once more, by sorting: the label must come first, and the second be further than a tie.
    two = outputs.topk(2)
    right = (two.indices[:, 0] == labels) & (two.values[:, 0] - two.values[:, 1] > 1e-9)
    errors = sum(int(not right[i]) for i in pool.sample(digest(SMALL), 300))
    assert entry.certificate.inputs["errors"] == errors
    assert entry.empirical == Fraction(errors, 300)
    assert entry.risk == Fraction(int((~right).sum()), pool.size)
    assert entry.n == entry.certificate.inputs["n"] == 300
    price = (len(word) + ALTERNATIVE_BITS) * mpmath.log(2)
    expected = reference.occam_binomial(errors=errors, n=300, log_inverse_prior=price, delta=Fraction(1, 20))
    assert entry.certificate.value == pytest.approx(float(expected), rel=1e-9)
    assert entry.certificate.value >= float(expected) * (1 - 1e-15)
    assert entry.violated is False


def test_the_price_of_a_bit_is_rounded_up() -> None:
    with mpmath.workdps(50):
        assert 0 < mpmath.mpf(LN_2.numerator) / LN_2.denominator - mpmath.log(2) < mpmath.mpf(10) ** -18


def test_all_networks_of_a_population_are_in_one_code() -> None:
    for cell in Compressed(full=True).cells():
        architecture = architecture_of(cell)
        assert architecture.family is FAMILIES[cell.population]
        assert architecture.choices()
    assert {cell.n for cell in FRONTIER} == {60_000}
    assert DELTA["mnist"] == Fraction(35, 1000)


@pytest.mark.slow
def test_rows_survive_the_store_and_every_assumption_is_audited() -> None:
    study = Compressed()
    (result,) = study.run_tile([SMALL])
    (row,) = study.rows([SMALL], [parse_json(canonical_json(result))])
    assert row.bound == "holdout.occam_binomial"
    assert f"{len(result['word'])} bits" in row.note
    assert row.baseline is not None
    assert [found.status for found in row.certificate.assumptions] == ["by construction", "by construction", "declared"]


@pytest.mark.slow
def test_a_cell_gives_the_same_word_twice_and_another_seed_another() -> None:
    short = replace(SMALL, epochs=2)
    first, second, other = (compress_and_certify(cell)[1] for cell in (short, short, replace(short, seed=1)))
    assert first == second != other


@pytest.mark.parametrize("errors", [0, 150, 10_000])
def test_the_interval_of_the_risk_is_clopper_and_pearsons(errors: int) -> None:
    found = _test_risk(errors)
    assert isinstance(found, Interval)
    share = Fraction(1, 2000)
    upper = reference.clopper_pearson(errors=errors, n=10_000, delta=share)
    lower = 1 - reference.clopper_pearson(errors=10_000 - errors, n=10_000, delta=share)
    assert (found.lower, found.upper) == (pytest.approx(float(lower), rel=1e-9), pytest.approx(float(upper), rel=1e-9))


@pytest.mark.slow
def test_the_shipped_network_on_digits_is_certified_below_a_half() -> None:
    entry, _ = compress_and_certify(ON_DIGITS)
    assert float(entry.risk) < entry.certificate.value < 0.5  # type: ignore[arg-type]
