"""Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011), on tensors wherever they lie, and compiled for the CPU."""

from __future__ import annotations

import torch
from torch import Tensor

MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10

Blocks = tuple[Tensor, Tensor, Tensor, Tensor]


def philox4x32(counter: Blocks, key: tuple[Tensor, Tensor]) -> Blocks:
    """Ten rounds of Philox4x32 on int64 tensors that hold unsigned 32-bit words.

    Args:
        counter: four tensors of words in [0, 2**32), of shapes that broadcast together (and with the key).
        key: two tensors of words in [0, 2**32).

    Returns:
        Four tensors of words in [0, 2**32). The inputs are left as they are.

    The product of two 32-bit words fills 64 bits and wraps into a negative int64; its high word is still right, because
    the arithmetic shift is masked afterwards.

    Example (Random123's known answer for a zero counter under a zero key):
        >>> zero = torch.zeros(1, dtype=torch.int64)
        >>> [f"{int(word):08x}" for word in philox4x32((zero,) * 4, (zero,) * 2)]
        ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    shape = (counter[0] + counter[1] + counter[2] + counter[3] + key[0] + key[1]).shape
    c0, c1, c2, c3 = (word.expand(shape).clone() for word in counter)
    k0, k1 = key
    high0, high2 = torch.empty_like(c0), torch.empty_like(c0)
    for _ in range(_ROUNDS):
        torch.mul(c0, _MULTIPLIERS[0], out=high0)
        torch.mul(c2, _MULTIPLIERS[1], out=high2)
        # The new even words are built in the storage of the old ones, which are no longer needed.
        torch.bitwise_right_shift(high2, 32, out=c0)
        c0.bitwise_xor_(c1).bitwise_xor_(k0).bitwise_and_(MASK)
        torch.bitwise_right_shift(high0, 32, out=c2)
        c2.bitwise_xor_(c3).bitwise_xor_(k1).bitwise_and_(MASK)
        # The new odd words are the low halves of the products. Only bits below 32 of them reach the next round, through
        # the masks above, so they are masked once, at the end. The old odd words' storage takes the next products.
        c1, high2 = high2, c1
        c3, high0 = high0, c3
        k0, k1 = (k0 + _WEYL[0]) & MASK, (k1 + _WEYL[1]) & MASK
    return c0, c1.bitwise_and_(MASK), c2, c3.bitwise_and_(MASK)


def words_of_streams(keys: Tensor, first: int, count: int) -> Tensor:
    """The blocks of counters first, ..., first + count - 1 under each key, as two 64-bit words each.

    Args:
        keys: int64 (K, 2), words in [0, 2**32), low word first.
        first: the first counter, less than 2**63.
        count: how many.

    Returns:
        int64 (K, count, 2), where the keys lie: c1 * 2**32 + c0 and c3 * 2**32 + c2 of each block, as signed words.

    Example:
        >>> [f"{int(word) % 2**64:016x}" for word in words_of_streams(torch.zeros(1, 2, dtype=torch.int64), 0, 1).flatten()]
        ['e169c58d6627e8d5', '9b00dbd8bc57ac4c']
    """
    if not 0 <= first <= first + count < 1 << 63:
        raise ValueError(f"first must lie in 0, ..., 2**63 - 1 - {count}, got {first}: counters have 63 bits")
    if keys.device.type == "cpu":
        from genbounds.models.randomness.compiled_philox import fill_words  # numba takes half a second to import
        from genbounds.models.runtime.compiling import call

        words = torch.empty((len(keys), count, 2), dtype=torch.int64)
        call(fill_words, keys.numpy(), first, words.numpy())
        return words
    counter = torch.arange(first, first + count, device=keys.device)[None, :]
    zero = torch.zeros_like(counter)
    c0, c1, c2, c3 = philox4x32((counter & MASK, counter >> 32, zero, zero), (keys[:, :1], keys[:, 1:]))
    return torch.stack(((c1 << 32) | c0, (c3 << 32) | c2), dim=2)
