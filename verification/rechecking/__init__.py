"""Published certificates, computed again."""
