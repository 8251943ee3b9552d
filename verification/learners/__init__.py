"""What is trained on draws from a pool, with exact risks: shared by studies and scenarios; no bound is known here."""
