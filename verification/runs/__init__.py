"""Running studies: cells, the plan that gathers them into tiles, the store, clusters, and reproducing a number."""
