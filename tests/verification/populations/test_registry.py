"""The populations by name: their known sizes, and errors that help."""

from __future__ import annotations

import numpy as np
import pytest

from genbounds.verification.populations import binary, names, population


def test_the_real_pools_are_what_they_are_known_to_be() -> None:
    digits, cancer = population("digits"), population("breast_cancer")
    assert digits.inputs.shape == (1797, 64)
    assert cancer.inputs.shape == (569, 30)
    assert digits.classes == tuple(range(10))
    assert np.bincount(cancer.labels).tolist() == [212, 357]
    assert digits.inputs.min() == 0
    assert digits.inputs.max() == 1
    assert digits.bayes_risk == cancer.bayes_risk == 0


def test_breast_cancer_is_standardised_by_constants() -> None:
    """Rounded to four digits, so nearly but not exactly standard; the hash of content pins it."""
    inputs = population("breast_cancer").inputs
    assert np.abs(inputs.mean(axis=0)).max() < 3e-3
    assert np.abs(inputs.std(axis=0) - 1).max() < 1e-3


def test_the_contents_are_pinned() -> None:
    """Every stored result is named by these; a change of them must be meant."""
    assert population("digits").content_hash == "e9360f8239ca43ffecea4310bda48da1"
    assert population("breast_cancer").content_hash == "5804c1154460a7c5c5a0b53adb925fca"
    assert population("separable").content_hash == "6714d3921f007c18ecd2a2282b883ba0"


def test_each_pool_loads_once() -> None:
    assert population("digits") is population("digits")
    assert binary("digits", 3) is population("digits_3_vs_rest")
    assert binary("breast_cancer", 1).name == "breast_cancer_1_vs_rest"
    assert names() == ("breast_cancer", "digits", "fashion_mnist", "mnist", "mnist1d", "separable")


@pytest.mark.parametrize("name", ["imagenet", "digits_vs_rest", "digits_x_vs_rest", "", "imagenet_0_vs_rest"])
def test_unknown_names_list_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match="one of breast_cancer, digits, fashion_mnist, mnist, mnist1d, separable"):
        population(name)


def test_unknown_labels_list_the_known_ones() -> None:
    with pytest.raises(ValueError, match="positive must be one of the labels"):
        binary("digits", 10)
