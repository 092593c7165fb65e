"""Every write of this room. Views, the command line and later an API call these functions and nothing below them."""
