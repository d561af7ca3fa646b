"""What an outlet is: source and platform files, read strictly into values, and written again.

Decides what a key means and refuses unknown keys. What a site answers does not matter here.
"""
