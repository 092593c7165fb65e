"""The front door for machines of partners, /api/v1/: reports in, three words out. No page, no cookie, no media."""
