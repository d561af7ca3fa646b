"""Source files held against their live sites: a look in at most ten polite requests. It reports, and decides nothing."""
