"""From pages to rows: the worker processes that read, what a reading means for ledger and store, and the merge."""
