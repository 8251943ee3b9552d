"""What vacuous rows lack: the largest term, and the number of examples from which on they say something, against formulas of our own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from tests.models.certified_networks import DELTA, data, fit, mlp

from genbounds.bounds import get
from genbounds.models import certify, certify_losses, certify_summary, summarize
from genbounds.models.certifying.candidates import Candidate, constant
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.layout import WIDTH
from genbounds.models.certifying.outlooks import Outlook, examples_needed, index_of, number_of


@pytest.fixture(scope="module")
def sample() -> CertificateTable:
    init = mlp()
    return certify(fit(mlp(), *data()), data(), initial=init, held_out=data(seed=2), input_radius=50)


def _outlook(table: CertificateTable, bound: str, form: str = "") -> Outlook:
    return next(entry for entry in table.outlooks if entry.bound == bound and entry.form.startswith(form))


def test_numbers_of_four_digits_and_zeros_stand_in_order() -> None:
    numbers = [number_of(index) for index in range(1, 60_000)]
    assert all(one < other for one, other in itertools.pairwise(numbers))
    assert numbers[:9999] == list(range(1, 10_000))
    assert all(len(str(number).rstrip("0")) <= 4 for number in numbers)
    assert all(index_of(number) == index for index, number in enumerate(numbers, 1))
    assert number_of(index_of(10**100)) == 10**100


@pytest.mark.slow
def test_each_vacuous_row_and_no_other_says_what_it_lacks(sample: CertificateTable) -> None:
    assert [(entry.bound, entry.form) for entry in sample.outlooks] == [(row.bound, row.note) for row in sample.rows if row.vacuous]
    for entry in sample.outlooks:
        row = next(row for row in sample.rows if (row.bound, row.note) == (entry.bound, entry.form))
        assert row.terms[entry.term] == entry.size == max(row.terms.values())
        assert entry.n is not None
        assert entry.n > 200
    assert CertificateTable.from_dict(sample.to_dict()) == sample


@pytest.mark.slow
def test_the_growth_function_says_something_from_the_first_n_of_its_formula(sample: CertificateTable) -> None:
    """Every n from the sample's own on, by the formula written out: 8 or so errors of 200, the share kept."""
    found = _outlook(sample, "vc.growth_function").n
    assert found is not None
    risk = float(sample["vc.growth_function"].inputs["empirical_risk"].value)  # type: ignore[union-attr, arg-type]

    def value(n: int) -> float:
        growth = float(get("vc.log_growth_relu_network").value(widths=(4, 8, 3), n=n))  # type: ignore[attr-defined]
        return risk + math.sqrt(2 * growth / n) + math.sqrt(math.log(20) / (2 * n))

    first = next(n for n in range(200, 10_000) if value(n) < 1)
    assert found == first


@pytest.mark.slow
def test_the_margin_is_chosen_anew_at_every_n() -> None:
    """The norm product written out at every margin of the sample, ||X||_F growing like sqrt(n): below 1 there, and not before.

    At the margin of the row itself nearly all examples are margin errors, and no n would do.
    """
    model, (x, y) = fit(mlp(), *data()), data()
    table = certify(model, (x, y))
    found = _outlook(table, "margin.norm_product").n
    assert found is not None
    frobenius = math.prod(float(layer.weight.detach().norm()) for layer in (model[0], model[2]))  # type: ignore[index]
    f = model(x).detach()
    rest = f.scatter(1, y[:, None], -math.inf).amax(1)
    margins = (f.gather(1, y[:, None])[:, 0] - rest).numpy()
    factor = 1 + math.sqrt(2 * math.log(2))

    def value(n: int) -> float:
        tried = []
        for margin in margins[margins > 0]:
            below = np.nextafter(margin, 0)
            for gamma in (below, frobenius / 2 ** math.ceil(math.log2(frobenius / below))):
                level = max(0, math.ceil(math.log2(frobenius / gamma) - 1e-12))
                rho = 2**level * 2 * math.sqrt(3) * math.sqrt(factor**2 + 1) * float(x.norm()) / 200 * math.sqrt(200 / n)
                price = 2 * math.sqrt((math.log(20) + math.log((level + 1) * (level + 2))) / (2 * n))
                tried.append((margins <= gamma).mean() + 2 * rho + price)
        return min(tried)

    assert value(found) < 1  # quantiles only are tried there, every margin here
    assert value(int(found * 0.97)) >= 1
    assert float(table["margin.norm_product"].inputs["margin_risk"]) > 0.9  # type: ignore[arg-type]


@pytest.mark.slow
def test_held_out_rows_at_the_share_of_errors_so_far() -> None:
    """Hoeffding at 4 errors of 5: .8 + sqrt(ln 20 / 2n) < 1 from n = ln 20 / .08 = 37.4 on; where all are errors, at no n."""
    model = mlp()
    summary = summarize(model, *data())
    table = certify_summary(summary, held_out=(4, 5))
    assert _outlook(table, "holdout.hoeffding").n == 38
    assert all(entry.bound != "holdout.clopper_pearson" for entry in table.outlooks)  # .9898
    wrong = certify_summary(summary, held_out=(5, 5))
    assert _outlook(wrong, "holdout.hoeffding").n is None
    assert _outlook(wrong, "holdout.clopper_pearson").n is None
    assert "below 1 at no n" in wrong.summary()


def test_losses_know_what_they_lack() -> None:
    """Mean 1/2, range [0, 1], two losses: 1/2 + sqrt(ln 20/(2n)) < 1 from n = 2 ln 20 = 5.99 on."""
    table = certify_losses([0.5, 0.5], delta=Fraction(1, 20))
    assert _outlook(table, "holdout.hoeffding").n == 6


@pytest.mark.parametrize("spoilt", [lambda n: n // 2, lambda n: 3 * n])
def test_a_search_that_reads_the_bound_at_another_n_is_seen(spoilt: Callable[[int], int]) -> None:
    """The planted fault: inputs of another number of examples than the one that is named."""
    risk = Fraction(1, 2)

    def at(n: int) -> Candidate:
        return Candidate("holdout.hoeffding", constant(empirical_risk=risk, n=n), {})

    right = Candidate("holdout.hoeffding", at(2).inputs, {}, at_size=lambda n: at(n).inputs)
    wrong = Candidate("holdout.hoeffding", at(2).inputs, {}, at_size=lambda n: at(max(1, spoilt(n))).inputs)
    row = right.at(DELTA)
    assert examples_needed(right, row, DELTA) == 6
    assert examples_needed(wrong, row, DELTA) != 6


@pytest.mark.slow
def test_the_text_fits_80_columns_and_each_family_has_one_line(sample: CertificateTable) -> None:
    tables = [sample, certify(fit(mlp(1, bias=True), *data(classes=2)), (data(classes=2)[0], 2 * data(classes=2)[1] - 1))]
    for table in tables:
        lines = table.summary().splitlines()
        assert max(len(line) for line in lines) <= WIDTH
        families = [line.split()[0] for line in lines[lines.index("not applicable:") + 1 :] if line.startswith("  ") and line[2] != " "]
        assert families == list(dict.fromkeys(name.partition(".")[0] for name, _ in table.not_applicable))
        text = " ".join(table.summary().split())
        for name, reason in table.not_applicable:  # no reason is lost by folding
            assert " ".join(reason.partition(": ")[0].split()) in text, name
        for entry in table.outlooks:
            for page in (text, table.markdown().replace("\\", ""), table._repr_html_()):
                assert f"{entry.term} " in page
                assert str(entry).partition(", ")[2] in page
