"""Building blocks: dense, convolutional, recurrent and attention layers."""
