"""Classifiers of Hugging Face transformers at tiny configurations, with random weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docs.architectures.kinds import CLASSES, LENGTH, TOKENS, Architecture, tuple_of
from torch import nn

TEXT = {"vocab_size": TOKENS, "num_labels": CLASSES, "pad_token_id": 0, "max_position_embeddings": 32}
ENCODER = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
DECODER = {**ENCODER, "num_key_value_heads": 1, "head_dim": 8}
IMAGE = {"image_size": 32, "patch_size": 8, "num_labels": CLASSES}
NUMBER = {"num_labels": CLASSES}
SEQUENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "BERT": ("Bert", ENCODER),
    "RoBERTa": ("Roberta", {**ENCODER, "max_position_embeddings": 40}),
    "ALBERT": ("Albert", {**ENCODER, "embedding_size": 8}),
    "ELECTRA": ("Electra", {**ENCODER, "embedding_size": 8}),
    "MPNet": ("MPNet", ENCODER),
    "DeBERTa v2": ("DebertaV2", ENCODER),
    "DistilBERT": ("DistilBert", {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}),
    "ModernBERT": ("ModernBert", ENCODER),
    "MobileBERT": ("MobileBert", {**ENCODER, "intra_bottleneck_size": 8, "embedding_size": 8, "true_hidden_size": 8}),
    "GPT-2": ("GPT2", {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32}),
    "GPT-Neo": ("GPTNeo", {"hidden_size": 16, "num_layers": 2, "num_heads": 2, "attention_types": [[["global"], 2]]}),
    "GPT-NeoX": ("GPTNeoX", ENCODER),
    "OPT": ("OPT", {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "ffn_dim": 32, "word_embed_proj_dim": 16}),
    "BLOOM": ("Bloom", {"hidden_size": 16, "n_layer": 2, "n_head": 2}),
    "Llama": ("Llama", DECODER),
    "Mistral": ("Mistral", DECODER),
    "Qwen 2": ("Qwen2", DECODER),
    "Qwen 3": ("Qwen3", DECODER),
    "Gemma": ("Gemma", DECODER),
    "Phi": ("Phi", ENCODER),
    "StableLM": ("StableLm", {**ENCODER, "num_key_value_heads": 2}),
}
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "ViT": ("ViT", {**IMAGE, **ENCODER}),
    "DeiT": ("DeiT", {**IMAGE, **ENCODER}),
    "BEiT": ("Beit", {**IMAGE, **ENCODER}),
    "DINOv2": ("Dinov2", {**IMAGE, **ENCODER}),
    "Swin": (
        "Swin",
        {"image_size": 32, "patch_size": 4, "embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2], "window_size": 4, **NUMBER},
    ),
    "ConvNeXt": ("ConvNext", {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2, **NUMBER}),
    "ConvNeXt v2": ("ConvNextV2", {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2, **NUMBER}),
    "ResNet": ("ResNet", {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic", **NUMBER}),
    "RegNet": ("RegNet", {"embedding_size": 8, "hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1], "groups_width": 8, **NUMBER}),
    "MobileNet v1": ("MobileNetV1", {"depth_multiplier": 0.25, **NUMBER}),
    "MobileNet v2": ("MobileNetV2", {"depth_multiplier": 0.35, **NUMBER}),
    "PoolFormer": ("PoolFormer", {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1], **NUMBER}),
}


def _builds(table: dict[str, tuple[str, dict[str, Any]]], task: str, common: dict[str, Any]) -> dict[str, Callable[[], nn.Module]]:
    import transformers

    def build(name: str, options: dict[str, Any]) -> nn.Module:
        config = getattr(transformers, f"{name}Config")(**{**common, **options})
        model: nn.Module = getattr(transformers, f"{name}For{task}Classification")(config)
        return model

    return {
        f"{label} ({task.lower()})": lambda name=name, options=options: build(name, options) for label, (name, options) in table.items()
    }


def architectures() -> tuple[Architecture, ...]:
    """Text classifiers on token ids, and image classifiers."""
    texts = _builds(SEQUENCES, "Sequence", TEXT)
    return (
        *tuple_of("transformers", (LENGTH,), texts, tokens=True),
        *tuple_of("transformers", (3, 32, 32), _builds(PICTURES, "Image", {})),
    )
