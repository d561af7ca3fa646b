"""Source files held against their live sites: a look in at most ten polite requests. The room reports, and decides nothing."""
