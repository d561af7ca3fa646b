"""The watch: what each outlet brought against what was to be expected, and what is broken."""
