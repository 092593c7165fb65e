"""What is counted, each in a module of its own: `living` counts in SQL, `of_*` tells the facts of one that is erased.

Both must say the same of the same thing; a test counts, erases, and counts again.
"""
