"""torchvision's classifiers, at images of 32 x 32 where they take them."""

from __future__ import annotations

from docs.architectures.kinds import CLASSES, Architecture, tuple_of


def architectures() -> tuple[Architecture, ...]:
    """Those that are read in at most two or three minutes."""
    from torchvision import models
    from torchvision.models import swin_transformer, vision_transformer

    plain = [
        "resnet18",
        "squeezenet1_0",
        "squeezenet1_1",
        "densenet121",
        "mobilenet_v2",
        "mobilenet_v3_small",
        "mobilenet_v3_large",
        "shufflenet_v2_x0_5",
        "shufflenet_v2_x1_0",
        "mnasnet0_5",
        "mnasnet1_0",
        "efficientnet_b0",
        "regnet_x_400mf",
        "regnet_y_400mf",
        "convnext_tiny",
    ]
    small = {name: lambda name=name: getattr(models, name)(num_classes=CLASSES) for name in plain}
    small["googlenet"] = lambda: models.googlenet(num_classes=CLASSES, aux_logits=False, init_weights=False)
    small["vit, 2 layers"] = lambda: vision_transformer.VisionTransformer(32, 8, 2, 2, 32, 64, num_classes=CLASSES)
    small["swin, 2 stages"] = lambda: swin_transformer.SwinTransformer([2, 2], 16, [2, 2], [2, 2], [4, 4], num_classes=CLASSES)
    small["swin v2, 2 stages"] = lambda: swin_transformer.SwinTransformer(
        [2, 2],
        16,
        [2, 2],
        [2, 2],
        [4, 4],
        num_classes=CLASSES,
        block=swin_transformer.SwinTransformerBlockV2,
        downsample_layer=swin_transformer.PatchMergingV2,
    )
    return tuple_of("torchvision", (3, 32, 32), small)
