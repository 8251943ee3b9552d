"""Small models of timm, with random weights."""

from __future__ import annotations

from docs.architectures.kinds import CLASSES, Architecture, tuple_of

CONVOLUTIONAL = [
    "resnet10t",
    "resnet14t",
    "resnet18d",
    "seresnet18",
    "skresnet18",
    "lcnet_050",
    "tinynet_e",
    "mobilenetv2_035",
    "mobilenetv3_small_050",
    "mobilenetv4_conv_small_035",
    "mobileone_s0",
    "repvgg_a0",
    "ghostnet_050",
    "rexnetr_100",
    "fbnetc_100",
    "spnasnet_100",
    "mixnet_s",
    "dla46_c",
    "ese_vovnet19b_slim_dw",
    "convnext_atto",
    "convnextv2_atto",
    "edgenext_xx_small",
    "starnet_s1",
    "hardcorenas_a",
    "semnasnet_075",
    "efficientnet_lite0",
    "resnetv2_18",
    "hgnetv2_b0",
    "test_resnet",
    "test_efficientnet",
    "test_convnext",
    "test_nfnet",
    "test_byobnet",
    "test_mambaout",
]
TEST_VISION_TRANSFORMERS = "test_vit test_vit2 test_vit3 test_vit4"
POOLED = "poolformer_s12 pvt_v2_b0 mobilevit_xxs visformer_tiny"


def architectures() -> tuple[Architecture, ...]:
    """At 32 x 32 where they take it, transformers with few layers."""
    import timm

    def plain(name: str, **options: object) -> object:
        return lambda: timm.create_model(name, num_classes=CLASSES, **options)

    small = {name: plain(name) for name in CONVOLUTIONAL}
    pooled = {name: plain(name) for name in POOLED.split()}
    sized = {name: plain(name, img_size=32) for name in TEST_VISION_TRANSFORMERS.split()}
    few = {"depth": 2, "embed_dim": 32, "img_size": 32}
    heads = {**few, "num_heads": 2}
    sized |= {
        "deit_tiny, 2 layers": plain("deit_tiny_patch16_224", **{**heads, "patch_size": 8}),
        "vit with register tokens, 2 layers": plain("vit_tiny_patch16_224", **{**heads, "patch_size": 8, "reg_tokens": 2}),
        "vit with qk norm, 2 layers": plain("vit_tiny_patch16_224", **{**heads, "patch_size": 8, "qk_norm": True}),
        "vit pooled by average, 2 layers": plain("vit_tiny_patch16_224", **{**heads, "patch_size": 8, "global_pool": "avg"}),
        "beit, 2 layers": plain("beit_base_patch16_224", **{**heads, "patch_size": 8}),
        "cait, 2 layers": plain("cait_xxs24_224", **{**heads, "patch_size": 8}),
    }
    return (*tuple_of("timm", (3, 32, 32), sized), *tuple_of("timm", (3, 32, 32), small), *tuple_of("timm", (3, 64, 64), pooled))
