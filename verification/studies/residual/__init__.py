"""Plain and residual networks of width 5 on the line: training and depth, kinks, slices of the loss, norms of interpolating solutions."""
