"""A task in parts: what a part is, how it is read apart from the record, and how parts are merged into it."""
