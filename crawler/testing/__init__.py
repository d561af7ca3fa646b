"""Frozen pages: what a case is, how it is read, and how one is written from an archived page."""
