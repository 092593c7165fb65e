"""`python -m lindung.cli` is the same as `lindung`."""

from lindung.cli.main import app

if __name__ == "__main__":
    app(prog_name="lindung")
