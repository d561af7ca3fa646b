"""What is to do: every link ever met and what became of it, the walks of each source, and what is known of its site.

SQLite, shared by processes. What was read is the store's.
"""
