"""What may be wrong with a DATA_DIR, and how it is mended. Checks only look; repairs do what needs no question."""
