"""The message of a network: decoded to the same network, prefix-free, and evaluated to the same outputs bit for bit."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genbounds.models.compression import DIGITS, MNIST, Architecture, TernaryNetwork, decode, encode
from genbounds.models.compression._family import FILTERS, THRESHOLDS
from genbounds.models.compression._front import NORMALISATIONS

architectures = st.builds(
    lambda normalisation, filters, threshold, width: Architecture(DIGITS, normalisation, filters, threshold, (width,)),
    st.sampled_from(NORMALISATIONS),
    st.sampled_from(FILTERS),
    st.sampled_from(THRESHOLDS),
    st.sampled_from((4, 6, 8)),
)


def network_of(architecture: Architecture, seed: int, share: float = 0.2) -> TernaryNetwork:
    """Random levels, of which a share is not zero."""
    generator = torch.Generator().manual_seed(seed)
    levels = []
    for shape in architecture.shapes:
        nonzero = torch.rand(shape, generator=generator) < share
        levels.append((nonzero * torch.randint(-1, 2, shape, generator=generator)).to(torch.int8))
    return TernaryNetwork(architecture, tuple(levels))


@pytest.mark.slow
@settings(max_examples=20)
@given(architectures, st.integers(0, 10**6), st.floats(0, 1))
def test_a_network_is_decoded_to_its_canonical_form(architecture: Architecture, seed: int, share: float) -> None:
    network = network_of(architecture, seed, share)
    assert decode(encode(network), DIGITS) == network.canonical()


@pytest.mark.slow
def test_the_decoded_network_gives_the_same_outputs_bit_for_bit() -> None:
    images = torch.rand(70, 28, 28, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    network = network_of(Architecture(MNIST, "moments", 3, 0.5, (8, 16)), 1)
    decoded, features = decode(encode(network), MNIST), network.architecture.features(images)
    assert torch.equal(decoded.logits(features), network.canonical().logits(features))
    # The order of channels changes roundings only.
    torch.testing.assert_close(decoded.logits(features), network.logits(features), rtol=0, atol=1e-12)


def test_channels_have_no_order_in_the_code() -> None:
    network = network_of(Architecture(MNIST, "none", 3, 0.0, (4, 8)), 2, 0.6)
    first, second, last = network.levels
    one, two = torch.tensor([2, 0, 3, 1]), torch.randperm(8, generator=torch.Generator().manual_seed(0))
    permuted = TernaryNetwork(network.architecture, (first[one], second[two][:, one], last[:, two]))
    assert permuted != network
    assert encode(permuted) == encode(network)


@pytest.mark.slow
def test_words_of_different_networks_are_prefix_free() -> None:
    architectures = [Architecture(DIGITS, "none", filters, 0.5, (width,)) for filters in FILTERS for width in (4, 6)]
    words = sorted({encode(network_of(a, seed, share)) for a in architectures for seed in range(10) for share in (0.0, 0.02, 0.5)})
    assert len(words) > 150
    assert not any(after.startswith(before) for before, after in pairwise(words))
    assert sum(Fraction(1, 2 ** len(word)) for word in words) <= 1


def test_every_choice_of_the_architecture_is_in_the_word() -> None:
    base = Architecture(DIGITS, "none", 1, 0.0, (4,))
    others = [
        Architecture(DIGITS, "moments", 1, 0.0, (4,)),
        Architecture(DIGITS, "none", 3, 0.0, (4,)),
        Architecture(DIGITS, "none", 1, 1.0, (4,)),
        Architecture(DIGITS, "none", 1, 0.0, (6,)),
    ]
    for architecture in (base, *others):
        assert decode(encode(network_of(architecture, 0)), DIGITS).architecture == architecture


@pytest.mark.parametrize("change", [lambda word: word[:-1], lambda word: word + "0", lambda word: word + "1"])
def test_cut_and_overlong_words_are_refused(change: object) -> None:
    word = encode(network_of(Architecture(DIGITS, "none", 1, 0.0, (4,)), 0))
    with pytest.raises(ValueError, match="word must be"):
        decode(change(word), DIGITS)  # type: ignore[operator]
