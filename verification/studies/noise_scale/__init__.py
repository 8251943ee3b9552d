"""The noise scale of stochastic gradient descent: the best batch size, and batches that grow in place of a rate that falls."""
