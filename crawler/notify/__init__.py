"""The word to whoever runs this, of what broke and what works again. The room decides nothing of either."""
