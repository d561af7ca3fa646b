"""What an outlet is: source and platform files, read strictly into values, and written again.

Decides what a key means and refuses what it does not know. What a site answers is no matter of this room.
"""
