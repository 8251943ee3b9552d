"""What is computed from whole-number tokens (masks, places, positions) is bounded over every pair of inputs; and masks over the batch."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from genbounds.models import NetworkSummary, summarize
from genbounds.models.tracing import read_graph

VOCABULARY, LENGTH = 3, 3
EVERY = torch.tensor(list(itertools.product(range(VOCABULARY), repeat=LENGTH)))
"""All 27 inputs there are, so that the Lipschitz constant over them is known."""


class Written(nn.Module):
    """Embedded tokens, one layer of attention, and a forward that is given."""

    def __init__(self, forward: Any) -> None:
        super().__init__()
        self.table, self.places = nn.Embedding(VOCABULARY, 4), nn.Embedding(LENGTH + 1, 4)
        self.norm, self.qkv, self.head = nn.LayerNorm(4), nn.Linear(4, 12), nn.Linear(4, 2)
        self.written = forward

    def attended(self, tokens: Tensor, mask: Any) -> Tensor:
        """Two heads, with a mask for all of them."""
        q, k, v = self.qkv(self.norm(self.table(tokens))).unflatten(-1, (3, 2, 2)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)

    def forward(self, tokens: Tensor) -> Tensor:
        found: Tensor = self.written(self, tokens)
        return found


def visible(tokens: Tensor) -> Tensor:
    """Padding is 0; the first token is always seen."""
    return ((tokens != 0) | (torch.arange(tokens.shape[1], device=tokens.device) == 0))[:, None, None, :]


def last(tokens: Tensor) -> Tensor:
    """The place of the last token that is not padding, as classifiers on decoders find it."""
    return (torch.arange(tokens.shape[1], device=tokens.device) * (tokens != 0).to(torch.int32)).argmax(-1)


def by_softmax(network: Written, tokens: Tensor) -> Tensor:
    """Written out, with masks of all kinds between the scores and the softmax."""
    h = network.norm(network.table(tokens))
    scores = (h @ h.transpose(-2, -1) / 2).masked_fill(~visible(tokens)[:, 0], -1e4) + (1.0 - visible(tokens)[:, 0].float()) * -1e4
    return network.head((torch.softmax(scores, -1) @ h).mean(1))


FORWARDS = {
    "a mask of the tokens": lambda net, t: net.head(net.attended(t, visible(t)).mean(1)),
    "one that is added": lambda net, t: net.head(net.attended(t, (1.0 - visible(t).float()) * -1e9).mean(1)),
    "written out": by_softmax,
    "the last token": lambda net, t: net.head(net.attended(t, None))[torch.arange(len(t)), last(t)],
    "positions past the padding": lambda net, t: net.head(
        torch.tanh(net.table(t) + net.places(torch.cumsum((t != 0).int(), 1) * (t != 0))).mean(1)
    ),
    "filled": lambda net, t: net.head(torch.tanh(net.table(t).masked_fill((t == 0)[..., None], 2.0)).mean(1)),
}


def measured(forward: Any) -> tuple[Written, NetworkSummary]:
    torch.manual_seed(3)
    network = Written(forward)
    with torch.no_grad():
        network.places.weight.mul_(4)  # where they jump, the outputs move most
    return network, summarize(network, EVERY, torch.arange(len(EVERY)) % 2)


def exact_constant(network: nn.Module) -> float:
    """The largest quotient over all pairs of inputs, whose codes are apart by the root of twice the places that differ."""
    with torch.no_grad():
        outputs = network.double()(EVERY)
    apart = (2.0 * (EVERY[:, None] != EVERY[None]).sum(-1)).sqrt().double()
    quotients = (outputs[:, None] - outputs[None]).norm(dim=-1) / apart.masked_fill(apart == 0, 1.0)
    return float(quotients.max())


@pytest.mark.slow
@pytest.mark.parametrize("name", FORWARDS)
def test_no_pair_of_inputs_moves_the_logits_by_more_than_the_bound(name: str) -> None:
    network, summary = measured(FORWARDS[name])
    exact = exact_constant(network)
    assert summary.lipschitz_upper is not None
    assert summary.lipschitz_lower is not None
    assert float(summary.lipschitz_lower) <= exact * (1 + 1e-9) <= float(summary.lipschitz_upper)
    assert summary.covers is None  # the slopes are not those of the layers alone


@pytest.mark.slow
def test_the_bound_counts_what_another_mask_changes() -> None:
    """Averages of values far apart, masked by the tokens: a mask taken for a constant would leave the embedding's part alone."""

    def forward(network: Written, tokens: Tensor) -> Tensor:
        scores = 0.0 * (network.table(tokens) @ network.table(tokens).transpose(-2, -1))
        far = network.table(tokens) * 0.0 + torch.tensor([[[100.0], [0.0], [-100.0]]])
        return (torch.softmax(scores.masked_fill(~visible(tokens)[:, 0], -1e4), -1) @ far)[:, 0] @ network.head.weight.T

    network, _ = measured(FORWARDS["a mask of the tokens"])
    network.written = forward
    graph = read_graph(network, EVERY)
    exact = exact_constant(network)
    summary = summarize(network, EVERY, torch.arange(len(EVERY)) % 2)
    assert float(summary.lipschitz_upper or 0) >= exact > 1
    assert any(node.kind == "jump" for node in graph.nodes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (lambda net, t: net.head(net.table(t) * (t != 0)[..., None]).mean(1), "mul takes what is computed from the tokens"),
        (lambda net, t: net.head(net.table(t) + (t != 0)[..., None]).mean(1), "add takes what is computed from the tokens"),
        (lambda net, t: net.head((t != 0).float() @ torch.ones(3, 4)), "takes what is computed from the tokens"),
        (lambda net, t: net.head(t.float() @ torch.ones(3, 4)), "turns whole numbers into floating-point ones"),
        (lambda net, t: net.head(net.table(t)).mean(1) * int((t != 0).sum()), "."),
        (lambda net, t: net.head(net.table(t)[t != 0]).mean(0, keepdim=True), "."),
    ],
)
def test_other_uses_of_tokens_are_refused_in_our_words(forward: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"can't be (bounded|traced).*{message}"):
        read_graph(Written(forward), EVERY)


class Shared(nn.Module):
    """Four heads of queries for two of keys, under a causal mask that is expanded over the batch."""

    def __init__(self, expanded: bool) -> None:
        super().__init__()
        self.norm, self.q, self.kv, self.head = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3)
        self.expanded = expanded

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        q = self.q(h).unflatten(-1, (4, 2)).transpose(1, 2)
        k, v = self.kv(h).unflatten(-1, (2, 2, 2)).permute(2, 0, 3, 1, 4)
        mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        if self.expanded:
            mask = mask[None, None].expand(len(x), 1, -1, -1)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
        return self.head(y.transpose(1, 2).flatten(2).mean(1))


@pytest.mark.slow
def test_masks_over_the_batch_and_shared_heads_are_read_and_attacked() -> None:
    torch.manual_seed(0)
    network, x = Shared(expanded=True), torch.randn(12, 5, 8)
    plain = Shared(expanded=False)
    plain.load_state_dict(network.state_dict())
    y = torch.arange(12) % 3
    summary, other = summarize(network, x, y), summarize(plain, x, y)
    assert float(other.lipschitz_upper or 0) == float(summary.lipschitz_upper or 0)
    assert other.margins == pytest.approx(summary.margins, rel=1e-9)
    upper, twin = float(summary.lipschitz_upper or 0), network.double()
    best, points = 0.0, (1e-2 * torch.randn(6, 5, 8, dtype=torch.float64)).requires_grad_()
    climber = torch.optim.Adam([points], lr=2e-3)
    for _ in range(15):  # near equal tokens the normalisation is steepest
        with sdpa_kernel(SDPBackend.MATH):  # the others have no second derivative
            jacobian = torch.autograd.functional.jacobian(lambda v: twin(v).sum(0), points, create_graph=True).transpose(0, 1).flatten(2)
        norms = torch.linalg.matrix_norm(jacobian, 2)
        best = max(best, float(norms.max()))
        climber.zero_grad()
        (-norms.sum()).backward()
        climber.step()
    assert 1 < best <= upper
    assert 1 < float(summary.lipschitz_lower or 0) <= upper


@pytest.mark.slow
@pytest.mark.parametrize("moved", [lambda t: t.view(-1, LENGTH), lambda t: t[:, None].transpose(1, 2).flatten(1)])
def test_tokens_that_are_only_moved_are_the_inputs_themselves(moved: Any) -> None:
    network = Written(lambda net, t: net.head(torch.tanh(net.table(moved(t))).mean(1)))
    plain = Written(lambda net, t: net.head(torch.tanh(net.table(t)).mean(1)))
    plain.load_state_dict(network.state_dict())
    graph, wanted = read_graph(network, EVERY), read_graph(plain, EVERY)
    assert [node.kind for node in graph.nodes if node.kind not in ("tokens", "size")] == [node.kind for node in wanted.nodes]
    assert (graph.one_hot, graph.nodes[-1].gains) == (LENGTH, wanted.nodes[-1].gains)


class Places(nn.Module):
    """The values of a maximum, or the places where it is taken."""

    def __init__(self, part: int) -> None:
        super().__init__()
        self.part, self.head = part, nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.adaptive_max_pool1d(x, 1, return_indices=True)[self.part].flatten(1).to(x.dtype))


@pytest.mark.slow
def test_a_result_that_nothing_bounds_may_stand_unread() -> None:
    x = torch.randn(2, 2, 5)
    assert read_graph(Places(0), x).outputs(x.double()).shape == (2, 2)
    with pytest.raises(ValueError, match=r"takes a result that has no bound \(the places of maxima, say\): take the values|rounds"):
        read_graph(Places(1), x)
