"""The tables of docs/mnist.md, docs/compression.md and docs/digits.md are those of docs/measured.json, which its own inputs give.

A number that is rounded up is the least of its digits that is no smaller, the lower end of an interval the largest that is no larger.
"""

from __future__ import annotations

import importlib.util
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.exact import from_json

DOCS = Path(__file__).parents[1] / "docs"
MEASURED: list[dict[str, Any]] = json.loads((DOCS / "measured.json").read_text(encoding="utf-8"))
NUMBER = re.compile(r"(?<![\w^-])\d*\.?\d+(?:e-\d+)?")


def find(**wanted: str) -> dict[str, Any]:
    """The one row whose fields contain these texts; ``bound`` and ``study`` are whole names, ``network`` the beginning, ``population``
    the end.
    """
    found = [
        row
        for row in MEASURED
        if row["bound"] == wanted["bound"]
        and row["study"] == wanted.get("study", row["study"])
        and row["network"].startswith(wanted.get("network", ""))
        and row["population"].endswith(wanted.get("population", ""))
        and all(text in row[name] for name, text in wanted.items() if name not in ("bound", "study", "network", "population"))
    ]
    assert len(found) == 1, (wanted, len(found))
    return found[0]


def table(page: str, first: str) -> list[dict[str, str]]:
    """The rows of the table whose first heading is this one, by heading; an empty first cell is that of the row above."""
    text = (DOCS / page).read_text(encoding="utf-8")
    lines = text[text.index(f"\n| {first} |") + 1 :].split("\n\n")[0].splitlines()
    cells = [[cell.strip().replace("**", "") for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|---")]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]


def numbers(cell: str) -> list[tuple[Fraction, Fraction]]:
    """The numbers of a cell with the unit of their last digit; thin groups of thousands are joined."""
    texts = NUMBER.findall(re.sub(r"(?<=\d) (?=\d{3}\b)", "", cell))
    return [(Fraction(text), Fraction(1, 10 ** len(text.partition(".")[2]))) for text in texts]


def is_up(cell: str, value: float) -> None:
    printed, unit = numbers(cell)[0]
    assert printed - unit < Fraction(value) <= printed, (cell, value)


def is_enclosed(cell: str, ends: list[float]) -> None:
    """An interval outward; an exact risk to nearest; "at most" the upper end."""
    found = numbers(cell)
    if len(found) == 1:
        (printed, unit), value = found[0], Fraction(ends[1])
        assert printed - unit < value <= printed if "at most" in cell else ends[0] == ends[1] and abs(printed - value) <= unit / 2, (
            cell,
            ends,
        )
        return
    (low, lower_unit), (high, upper_unit) = found
    assert low <= Fraction(ends[0]) < low + lower_unit, (cell, ends)
    assert high - upper_unit < Fraction(ends[1]) <= high, (cell, ends)


def number(value: Any) -> float:
    return float(from_json(value))


@pytest.mark.parametrize("position", range(len(MEASURED)))
def test_each_certificate_is_what_its_inputs_give(position: int) -> None:
    """A change of a bound's number would make a page stale."""
    row = MEASURED[position]
    bound = get(row["bound"])
    assert isinstance(bound, Bound)
    assert bound(**{name: from_json(value) for name, value in row["inputs"].items()}).value == row["value"]


HALF, FREE = "prior fitted on half", "prior at the initialisation"
ROUTES = [
    {"network": "784-400-400-10", "training": HALF},
    {"network": "5x5 convolutions 16 and 32, dense 128-10", "training": HALF},
    {"network": "5x5 convolutions 8 and 16, dense 10, ReLU, Gaussian weights", "training": FREE},
    {"network": "5x5 convolutions 8 and 16, dense 10, ReLU, Gaussian in a random subspace of dimension 1000", "training": FREE},
    {"network": "784-100-10", "training": FREE},
]


CLOTHES = {"network": "3x3 convolutions 24, 48 and 64, dense 128-10", "training": HALF}
ON_CLOTHES = [CLOTHES, ROUTES[1], ROUTES[0], *ROUTES[2:]]


@pytest.mark.parametrize(("study", "first", "routes"), [("mnist", "network", ROUTES), ("fashion_mnist", "network on clothes", ON_CLOTHES)])
def test_the_routes_on_images(study: str, first: str, routes: list[dict[str, str]]) -> None:
    rows = table("mnist.md", first)
    assert len(rows) == len(routes)
    for shown, route in zip(rows, routes, strict=True):
        seeger = find(bound="pac_bayes.seeger2002", study=study, **route)
        assert numbers(shown["n"])[0][0] == seeger["n"]
        is_up(shown["KL"], number(seeger["inputs"]["kl"]))
        is_up(shown["empirical Gibbs risk, bounded"], number(seeger["inputs"]["empirical_risk"]))
        is_up(shown["certificate of the Gibbs risk"], seeger["value"])
        is_enclosed(shown["Gibbs risk on the test images"], seeger["risk"])
        if shown["held-out baseline"]:
            held_out = find(bound="holdout.clopper_pearson", study=study, network=route["network"], training=route["training"])
            is_up(shown["held-out baseline"], held_out["value"])
            assert numbers(shown["held-out baseline"])[1][0] == held_out["inputs"]["errors"]


DENSE, DEEP, FREE_DEEP, _, FREE_DENSE = ROUTES
PICKED = {"bound": "holdout.campi2023compression", "network": "5x5 convolutions 16 and 32, dense 128-10"}
TERNARY = {"network": "ternary, 8 and 12 channels", "training": "20 epochs at 4e-05"}
CITED: list[tuple[str, dict[str, str]]] = [
    ("MNIST", {"study": "mnist", "bound": "holdout.clopper_pearson", **DEEP}),
    ("MNIST", {"study": "mnist", "bound": "pac_bayes.seeger2002", **DEEP}),
    ("MNIST", {"study": "mnist", "bound": "pac_bayes.disintegrated", **DENSE}),
    ("MNIST", {"study": "mnist", "bound": "pac_bayes.seeger2002", **DENSE}),
    ("MNIST", {"study": "mnist", "training": ": 6000 images spent", **PICKED}),
    ("MNIST", {"study": "mnist", "training": ": 600 images spent", **PICKED}),
    ("MNIST", {"study": "compression", "bound": "holdout.occam_binomial", **TERNARY}),
    ("MNIST", {"study": "mnist", "bound": "pac_bayes.seeger2002", **FREE_DEEP}),
    ("MNIST", {"study": "mnist", "bound": "pac_bayes.seeger2002", **FREE_DENSE}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "holdout.clopper_pearson", **CLOTHES}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "pac_bayes.seeger2002", **CLOTHES}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "holdout.clopper_pearson", **DENSE}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "pac_bayes.disintegrated", **DENSE}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "pac_bayes.seeger2002", **DENSE}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "training": ": 12000 images spent", **PICKED}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "training": ": 600 images spent", **PICKED}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "pac_bayes.seeger2002", **FREE_DEEP}),
    ("Fashion-MNIST", {"study": "fashion_mnist", "bound": "pac_bayes.seeger2002", **FREE_DENSE}),
]


def test_the_numbers_to_cite_and_what_they_spend() -> None:
    """Spent and counted are all 60 000 labels."""
    rows = table("mnist.md", "cite")
    assert len(rows) == len(CITED)
    for shown, (data, wanted) in zip(rows, CITED, strict=True):
        row = find(**wanted)
        is_up(shown["cite"], row["value"])
        assert (shown["data"], row["population"]) == (data, data)
        spent, counted = (numbers(shown[name])[0][0] for name in ("spent", "counted"))
        assert (counted, spent) == (row["n"], 60_000 - row["n"])


def test_the_figure_shows_every_certificate_on_true_labels() -> None:
    spec = importlib.util.spec_from_file_location("mnist_figure", DOCS / "mnist_figure.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shown = [value for title in script.TITLES for pairs in script.points(MEASURED, title).values() for _, value in pairs]
    votes = ("pac_bayes.majority_vote_factor_two", "pac_bayes.masegosa2020tandem")  # larger than what they are twice of, in a table
    wanted = [row["value"] for row in MEASURED if row["population"] in script.TITLES and row["bound"] not in votes]
    assert sorted(shown) == sorted(wanted)
    axes = script.draw(MEASURED).axes
    assert sum(len(line.get_xdata()) for panel in axes for line in panel.lines) == len(wanted)
    low, high = axes[0].get_ylim()
    assert all(low < value < high for value in wanted)
    assert script.FIGURE.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(("study", "first"), [("mnist", "predictor"), ("fashion_mnist", "predictor on clothes")])
def test_the_other_predictors_of_the_dense_network(study: str, first: str) -> None:
    bounds = ("disintegrated", "majority_vote_factor_two", "masegosa2020tandem")
    names = [*(f"pac_bayes.{bound}" for bound in bounds), "holdout.clopper_pearson"]
    rows = table("mnist.md", first)
    for shown, name in zip(rows, names, strict=True):
        row = find(bound=name, study=study, network="784-400-400-10")
        is_up(shown["certificate"], row["value"])
        is_enclosed(shown["on the test images"], row["risk"])
    drawn = find(bound="pac_bayes.disintegrated", study=study)
    (ratio, unit), (wrong, _), (n, _) = numbers(rows[0][first])
    assert ratio - unit < Fraction(number(drawn["inputs"]["log_ratio"])) <= ratio
    assert wrong / n == Fraction(from_json(drawn["inputs"]["empirical_risk"]))


@pytest.mark.parametrize(("study", "first"), [("mnist", "flipped"), ("fashion_mnist", "flipped on clothes")])
def test_label_noise(study: str, first: str) -> None:
    for shown, percent in zip(table("mnist.md", first), (10, 20, 40), strict=True):
        assert numbers(shown[first])[0][0] == percent
        noisy = {"study": study, "population": f"with {percent} % of labels flipped"}
        seeger = find(bound="pac_bayes.seeger2002", **noisy)
        is_up(shown["certificate of the Gibbs risk"], seeger["value"])
        is_enclosed(shown["Gibbs risk"], seeger["risk"])
        is_up(shown["held-out baseline"], find(bound="holdout.clopper_pearson", **noisy)["value"])


def test_pick_to_learn() -> None:
    """What is charged is what was picked, and what was wrong at the end among all that was neither picked nor spent."""
    rows = table("mnist.md", "pick-to-learn on")
    assert len(rows) == sum(row["bound"] == PICKED["bound"] for row in MEASURED)
    for shown in rows:
        spent, steps, chosen, wrong = (int(numbers(shown[name])[0][0]) for name in ("spent", "steps on them", "picked", "wrong at the end"))
        study = {"MNIST": "mnist", "Fashion-MNIST": "fashion_mnist"}[shown["pick-to-learn on"]]
        row = find(study=study, training=f": {spent} images spent on {steps} steps", **PICKED)
        assert (row["n"], row["inputs"]["size"]) == (60_000 - spent, chosen + wrong)
        is_up(shown["certificate"], row["value"])
        is_enclosed(shown["risk on the test images"], row["risk"])


def test_the_frontier_of_compression() -> None:
    rows = table("compression.md", "channels")
    assert len(rows) == sum(row["study"] == "compression" and row["population"] == "MNIST" for row in MEASURED)
    for shown in rows:
        training = f"{shown['epochs']} epochs at {float(shown['price (nats per bit)']):g} nats"
        row = find(bound="holdout.occam_binomial", study="compression", network=f"ternary, {shown['channels']} channels", training=training)
        assert int(shown["errors on the sample"].split()[0]) == row["inputs"]["errors"]
        is_up(shown["certificate"], row["value"])
        is_enclosed(shown["risk"], row["risk"])
        is_up(shown["held-out"], row["baseline"])
        assert int(shown["worth"]) == row["worth"]
        # Six bits in addition to the word, at ln 2 nats per bit.
        assert int(shown["bits"]) + 6 == round(number(row["inputs"]["log_inverse_prior"]) / 0.6931471805599453)


def test_compression_on_digits() -> None:
    (shown,) = table("compression.md", "bits")
    row = find(bound="holdout.occam_binomial", study="compression", population="digits")
    assert [int(text) for text in re.findall(r"\d+", shown["errors on the draws"])] == [row["inputs"]["errors"], row["n"]]
    is_up(shown["certificate"], row["value"])
    is_enclosed(shown["exact risk on the pool"], row["risk"])
    is_up(shown["held-out"], row["baseline"])
    assert int(shown["worth"]) == row["worth"]


DATA_FREE, FITTED = "data-free prior", "prior means fitted on half"
ON_DIGITS = [
    *(
        {"network": "64-10 linear, Gaussian weights", "training": DATA_FREE, "bound": f"pac_bayes.{bound}"}
        for bound in ("seeger2002", "disintegrated", "majority_vote_factor_two", "masegosa2020tandem")
    ),
    {"network": "64-10-10 ReLU, Gaussian weights", "training": DATA_FREE, "bound": "pac_bayes.seeger2002"},
    {"network": "64-10 linear, Gaussian in a random subspace of 200", "training": DATA_FREE, "bound": "pac_bayes.seeger2002"},
    {"network": "ternary", "bound": "holdout.occam_binomial"},
    *(
        {"network": "64-64-10 ReLU, Gaussian weights", "training": "on pac_bayes.seeger2002, seed", "bound": bound}
        for bound in (
            "pac_bayes.seeger2002",
            "pac_bayes.disintegrated",
            "pac_bayes.majority_vote_factor_two",
            "pac_bayes.masegosa2020tandem",
        )
    ),
    {"network": "64-64-10 ReLU at the prior's means", "training": "on pac_bayes.seeger2002, seed", "bound": "holdout.clopper_pearson"},
    {"network": "64-32-10 ReLU, Gaussian in a random subspace of 50", "training": FITTED, "bound": "pac_bayes.seeger2002"},
]


def test_the_routes_on_digits() -> None:
    for shown, wanted in zip(table("digits.md", "prior, n of the bound"), ON_DIGITS, strict=True):
        row = find(study="pac_bayes", population="digits", **wanted)
        is_up(shown["certificate"], row["value"])
        is_enclosed(shown["risk on the pool"], row["risk"])
        is_up(shown["held-out"], row["baseline"])
        assert int(shown["worth"]) == row["worth"]


def test_label_noise_on_digits() -> None:
    for shown, percent in zip(table("digits.md", "η"), (10, 20, 40), strict=True):
        assert numbers(shown["η"])[0][0] == Fraction(percent, 100)
        row = find(bound="pac_bayes.seeger2002", study="pac_bayes", population=f"{percent} % of labels flipped")
        is_up(shown["certificate of the Gibbs risk"], row["value"])
        is_enclosed(shown["risk against flipped labels"], row["risk"])
