"""Classifiers of the transformers library at tiny sizes, where that is installed: all five families are read, with a bracket."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from genbounds.models import summarize

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.slow

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24, "num_labels": 3}
TEXT = {**SMALL, "vocab_size": 20, "max_position_embeddings": 16, "pad_token_id": 0}
CASES: dict[str, dict[str, Any]] = {
    "BertForSequenceClassification": TEXT,
    "DistilBertForSequenceClassification": {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 24, "vocab_size": 20, "num_labels": 3},
    "GPT2ForSequenceClassification": {"n_embd": 16, "n_layer": 1, "n_head": 2, "vocab_size": 20, "num_labels": 3, "pad_token_id": 0},
    "LlamaForSequenceClassification": TEXT,
    "ViTForImageClassification": {**SMALL, "image_size": 16, "patch_size": 8},
}


@pytest.mark.parametrize("name", CASES)
def test_a_classifier_is_read_with_a_bracket(name: str) -> None:
    torch.manual_seed(1)
    model = getattr(transformers, name)(getattr(transformers, name.split("For")[0] + "Config")(**CASES[name]))
    images = name.startswith("ViT")
    x = torch.randn(6, 3, 16, 16) if images else torch.cat([torch.randint(1, 20, (6, 4)), torch.tensor([[0, 0]] * 3 + [[1, 2]] * 3)], 1)
    summary = summarize(model, x, torch.arange(6) % 3)
    assert 0 < float(summary.lipschitz_lower or 0) <= float(summary.lipschitz_upper or 0)
    with torch.no_grad():
        logits = model.eval().double()(x.double() if images else x).logits
    wanted = logits.gather(1, (torch.arange(6) % 3)[:, None])[:, 0]
    others = logits.scatter(1, (torch.arange(6) % 3)[:, None], -torch.inf).amax(1)
    assert summary.margins == pytest.approx((wanted - others).numpy(), abs=1e-5)
