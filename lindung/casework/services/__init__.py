"""Every write of this room. Views, the command line and the rooms above call these functions and nothing below them.

The actor comes first and, where content is opened or written, the keyring. Each owner of a subject adds its names.
"""
