"""The keyed streams: Philox against published vectors, draws against their laws, and the law of the streams itself."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.special
import scipy.stats
import torch

from genbounds.models.randomness.inverse_normal import inverse_normal_cdf
from genbounds.models.randomness.philox import philox4x32, words_of_streams
from genbounds.models.randomness.streams import Draws, Stream

ONES = 0xFFFFFFFF

# Random123's kat_vectors, philox4x32 with 10 rounds: counter, key, output.
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ((ONES,) * 4, (ONES,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def philox_in_python(counter: tuple[int, ...], key: tuple[int, ...]) -> list[int]:
    """The paper's pseudocode in Python integers."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & ONES, (p0 >> 32) ^ c3 ^ k1, p0 & ONES
        k0, k1 = (k0 + 0x9E3779B9) & ONES, (k1 + 0xBB67AE85) & ONES
    return [c0, c1, c2, c3]


def word(stream: Stream, network: int, position: int) -> int:
    """The 64-bit word at a position, from Python integers alone."""
    key = stream.key(network)
    block = position // 2
    out = philox_in_python((block & ONES, block >> 32, 0, 0), (key & ONES, key >> 32))
    low, high = out[2 * (position % 2) : 2 * (position % 2) + 2]
    return (high << 32) | low


def tensors(words: tuple[int, ...]) -> tuple[torch.Tensor, ...]:
    return tuple(torch.tensor([w], dtype=torch.int64) for w in words)


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers(counter, key, expected):
    output = philox4x32(tensors(counter), tensors(key))
    assert [int(w) for w in output] == [int(w, 16) for w in expected.split()]
    assert philox_in_python(counter, key) == [int(w, 16) for w in expected.split()]


def test_philox_leaves_its_inputs_alone_and_agrees_with_python_integers():
    generator = np.random.default_rng(0)
    words = torch.from_numpy(generator.integers(0, 2**32, (6, 500), dtype=np.int64))
    kept = words.clone()
    output = torch.stack(philox4x32(tuple(words[:4]), tuple(words[4:])))
    assert torch.equal(words, kept)
    for column in range(500):
        c, k = tuple(words[:4, column].tolist()), tuple(words[4:, column].tolist())
        assert output[:, column].tolist() == philox_in_python(c, k)


@pytest.mark.parametrize("first", [0, 2**32 - 3, 2**40 + 5, 2**62])
def test_compiled_words_are_those_of_python_integers(first):
    generator = np.random.default_rng(1)
    keys = torch.from_numpy(generator.integers(0, 2**32, (3, 2), dtype=np.int64))
    words = words_of_streams(keys, first, 6)
    for k, key in enumerate(keys.tolist()):
        for offset in range(6):
            counter = first + offset
            c0, c1, c2, c3 = philox_in_python((counter & ONES, counter >> 32, 0, 0), tuple(key))
            assert [int(word) % 2**64 for word in words[k, offset]] == [c1 << 32 | c0, c3 << 32 | c2]


def test_draws_are_the_stated_functions_of_the_words():
    stream = Stream("experiment", "purpose")
    words = [word(stream, 9, p) for p in range(40)]
    assert stream.uniform([9], 0, 40)[0].tolist() == [((w >> 12) + 0.5) / 2**52 for w in words]
    for high in (1, 2, 7, 1797, 2**31 - 1, 2**31):
        assert stream.integers([9], 0, 40, high)[0].tolist() == [w * high >> 64 for w in words]
    signed = [w - (1 << 64) if w >> 63 else w for w in words]
    assert stream.permutation([9], 0, 40)[0].tolist() == sorted(range(40), key=signed.__getitem__)


def test_positions_beyond_32_bits_use_the_counters_second_word():
    stream, start = Stream("experiment", "purpose"), 2**40 + 3
    expected = [word(stream, 1, start + p) * 1000 >> 64 for p in range(5)]
    assert stream.integers([1], start, 5, 1000)[0].tolist() == expected


@pytest.mark.parametrize("draw", ["uniform", "integers", "normal", "permutation"])
def test_network_k_draws_the_same_bits_alone_and_in_any_company(draw):
    stream = Stream("experiment", "purpose")
    arguments = {"uniform": (3, 101), "integers": (3, 101, 77), "normal": (3, 101), "permutation": (2, 101)}[draw]
    everyone = getattr(stream, draw)(range(300), *arguments)
    assert torch.equal(getattr(stream, draw)([17], *arguments)[0], everyone[17])
    shuffled = torch.tensor([250, 17, 17, 3])
    assert torch.equal(getattr(stream, draw)(shuffled, *arguments), everyone[shuffled])


@pytest.mark.parametrize("draw", ["uniform", "normal"])
def test_a_block_of_positions_is_a_slice_of_the_stream(draw):
    """Also across chunk edges, whose vector loops end in remainders of other lengths."""
    stream = Stream("experiment", "purpose")
    long = getattr(stream, draw)([5], 0, 70_001)
    for start, count in ((0, 1), (1, 1), (1, 2), (12_345, 40_000), (69_990, 11), (7, 0)):
        assert torch.equal(getattr(stream, draw)([5], start, count), long[:, start : start + count])


@pytest.mark.slow
def test_thread_count_and_process_change_nothing():
    code = (
        "import torch; torch.set_num_threads(2)\n"
        "from genbounds.models.randomness.streams import Stream\n"
        "print(Stream('experiment', 'purpose').normal([3, 4], 5, 3).flatten().tolist())"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}).stdout
    assert output.strip() == str(Stream("experiment", "purpose").normal([3, 4], 5, 3).flatten().tolist())


def test_streams_of_other_experiments_purposes_and_networks_differ():
    keys = {
        Stream(experiment, purpose).key(network)
        for experiment in ("1", 1, "a", "ab")
        for purpose in ("b", "bb", "a/b", "a")
        for network in (0, 1, 11)
    }
    assert len(keys) == 4 * 4 * 3
    assert Stream("a", "b").sub("c") == Stream("a", "b/c")


def test_integers_take_a_range_for_each_network():
    stream = Stream("experiment", "purpose")
    highs = torch.arange(1, 200)
    draws = stream.integers(range(199), 0, 301, highs)
    for network in (0, 1, 98, 198):
        assert torch.equal(draws[network], stream.integers([network], 0, 301, int(highs[network]))[0])


def test_draws_follow_their_laws():
    """Three tests at 1e-7 each: false alarms with probability 3e-7 over the choice of the seed."""
    stream = Stream("laws", "test")
    integers = stream.integers(range(20), 0, 20_000, 10).flatten()
    assert scipy.stats.chisquare(torch.bincount(integers, minlength=10).numpy()).pvalue > 1e-7
    assert scipy.stats.kstest(stream.uniform([0], 0, 100_000)[0].numpy(), "uniform").pvalue > 1e-7
    assert scipy.stats.kstest(stream.normal([1], 0, 100_000)[0].numpy(), "norm").pvalue > 1e-7


def test_permutations_are_permutations_and_uniform():
    """All 24 orders of 4 over 24 000 networks: chi-square at 1e-7."""
    orders = Stream("laws", "permutation").permutation(range(24_000), 3, 4)
    assert torch.equal(orders.sort(dim=1).values, torch.arange(4).expand(24_000, 4))
    codes = (orders * torch.tensor([64, 16, 4, 1])).sum(dim=1)
    _, counts = codes.unique(return_counts=True)
    assert len(counts) == 24
    assert scipy.stats.chisquare(counts.numpy()).pvalue > 1e-7


def test_inverse_normal_against_scipy():
    probabilities = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 200_001), 2.0 ** -np.arange(1, 54), 1 - 2.0 ** -np.arange(2, 53)])
    ours = inverse_normal_cdf(torch.from_numpy(probabilities)).numpy()
    reference = scipy.special.ndtri(probabilities)
    assert np.max(np.abs(ours - reference) / np.maximum(np.abs(reference), 1e-3)) < 1e-14


def test_extreme_uniforms_give_finite_normals():
    edges = torch.tensor([0.5 / 2**52, 1 - 0.5 / 2**52], dtype=torch.float64)
    low, high = inverse_normal_cdf(edges).tolist()
    assert low == -high
    assert 8.209 < high < 8.21


def test_draws_class_serves_rows():
    stream = Stream("experiment", "purpose")
    draws = stream.draws(range(10))
    assert isinstance(draws, Draws)
    assert torch.equal(draws.rows(slice(4, 6)).uniform(0, 9), stream.uniform([4, 5], 0, 9))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stream(1.5, "p"), "experiment"),
        (lambda: Stream("e", ""), "purpose"),
        (lambda: Stream("e", "p").integers([0], 0, 5, 0), "high"),
        (lambda: Stream("e", "p").integers([0], 0, 5, 2**31 + 1), "high"),
        (lambda: Stream("e", "p").integers([0, 1], 0, 5, torch.tensor([3])), "high"),
        (lambda: Stream("e", "p").uniform([0], -1, 5), "start and count"),
        (lambda: Stream("e", "p").permutation([0], 0, 0), "n must"),
        (lambda: Stream("e", "p").uniform(torch.tensor([0.5]), 0, 5), "networks"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_stream_touches_no_global_state():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    Stream("e", "p").normal(range(3), 0, 10)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_draws_the_same_bits():
    cpu, gpu = Stream("e", "p"), Stream("e", "p", "cuda")
    for draw, arguments in (("uniform", ()), ("integers", (1797,)), ("normal", ())):
        expected = getattr(cpu, draw)(range(50), 7, 4001, *arguments)
        assert torch.equal(getattr(gpu, draw)(range(50), 7, 4001, *arguments).cpu(), expected)
    assert torch.equal(gpu.permutation(range(5), 1, 1000).cpu(), cpu.permutation(range(5), 1, 1000))
