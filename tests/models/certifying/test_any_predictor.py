"""What a user brings: an LSTM, a BERT, a forest. The held-out certificate of each, and the reasons for the other rows."""

from __future__ import annotations

from typing import Any

import pytest
import scipy.stats
import torch
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from torch import Tensor, nn

from genbounds.bounds import Bound, catalogue
from genbounds.models import certify, certify_predictor
from genbounds.models.certifying.certificate_table import CertificateTable


class LastState(nn.Module):
    """An LSTM over token ids, and a dense layer on its last state."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.cell, self.head = nn.Embedding(20, 6), nn.LSTM(6, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.cell(self.words(ids))[0][:, -1])


class SmallBert(nn.Module):
    """A transformer encoder as BERT is built: words and positions, layers with a mask of the padding, a pooled first token."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places, self.norm = nn.Embedding(20, 8), nn.Embedding(12, 8), nn.LayerNorm(8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.pooler, self.head = nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.norm(self.words(ids) + self.places(torch.arange(ids.shape[1], device=ids.device)))
        x = self.encoder(x, src_key_padding_mask=ids == 0)
        return self.head(torch.tanh(self.pooler(x[:, 0])))


def _sentences(n: int, seed: int) -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 20, (n, 12), generator=draw)
    ids[:, 9:] = ids[:, 9:] * (torch.rand(n, 3, generator=draw) > 0.5)
    return ids, ids[:, 0] % 3


def _errors(model: nn.Module, ids: Tensor, labels: Tensor) -> int:
    """Counted one example at a time."""
    with torch.no_grad():
        return sum(int(model(ids[i : i + 1]).argmax(1) != labels[i : i + 1]) for i in range(len(ids)))


def _is_clopper_pearson(table: CertificateTable, errors: int, n: int) -> bool:
    assert table.best is not None
    wanted = 1.0 if errors == n else float(scipy.stats.beta.ppf(0.95, errors + 1, n - errors))
    return table.best.bound == "holdout.clopper_pearson" and table.best.value == pytest.approx(wanted, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("make", [LastState, SmallBert])
def test_sequence_models_have_their_held_out_certificate_and_reasons(make: type[nn.Module]) -> None:
    torch.manual_seed(0)
    model = make().eval()
    held_out = _sentences(200, 1)
    table = certify(model, _sentences(50, 0), held_out=held_out)
    assert _is_clopper_pearson(table, _errors(model, *held_out), 200)
    reasons = dict(table.not_applicable)
    if "network" in dict(table.facts) and "could not be read" in dict(table.facts)["network"]:
        assert all(len(reason) > 40 for reason in reasons.values())
    else:
        rows = {row.bound for row in table.rows}
        assert rows | set(reasons) == {formula.name for formula in catalogue() if isinstance(formula, Bound)}
    assert "not applicable:" in table.summary()


class Jumping(nn.Module):
    """A network that can't be read: it answers another way where it is sure."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.head = nn.Embedding(20, 6), nn.Linear(6, 3)

    def forward(self, ids: Tensor) -> Tensor:
        logits = self.head(self.words(ids).mean(1))
        return torch.where(logits.amax(1, keepdim=True) > 0.1, logits, -logits)


@pytest.mark.slow
def test_a_network_that_cannot_be_read_says_which_module_and_why() -> None:
    torch.manual_seed(0)
    model = Jumping().eval()
    table = certify(model, _sentences(50, 0), held_out=_sentences(100, 1))
    ((what, reason),) = table.not_applicable
    assert what == "all bounds on the training sample"
    assert "Jumping" in reason
    assert "where has no finite Lipschitz constant" in reason
    assert _is_clopper_pearson(table, _errors(model, *_sentences(100, 1)), 100)


def test_a_forest_has_its_held_out_certificate_and_the_reason_for_the_rest() -> None:
    inputs, labels = load_digits(return_X_y=True)
    forest = RandomForestClassifier(10, random_state=0).fit(inputs[:900], labels[:900])
    table = certify_predictor(forest, inputs[900:], labels[900:])
    assert _is_clopper_pearson(table, int((forest.predict(inputs[900:]) != labels[900:]).sum()), 897)
    assert dict(table.not_applicable) == {
        "all bounds on the training sample": "only predictions were given: certify(model, train, held_out=...) reads a network"
    }


def test_a_real_bert_has_its_held_out_certificate() -> None:
    transformers: Any = pytest.importorskip("transformers")
    small = {"vocab_size": 20, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(transformers.BertConfig(**small, num_labels=3)).eval()
    held_out = _sentences(100, 1)
    table = certify(model, _sentences(50, 0), held_out=held_out)

    class Logits(nn.Module):
        def forward(self, ids: Tensor) -> Tensor:
            logits: Tensor = model(ids).logits
            return logits

    assert _is_clopper_pearson(table, _errors(Logits(), *held_out), 100)
