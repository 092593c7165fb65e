"""A result that grows with the payments: what a scan keeps for it, and how further payments are added."""
