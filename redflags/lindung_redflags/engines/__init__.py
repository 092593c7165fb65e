"""What lowers the catalogue to an engine. Each is held against lindung_redflags.reference by tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lindung_redflags.errors import RedflagsError

NAMES = ("duckdb", "spark")


def engine(name: str, folder: Path | None = None, memory: str = "4GB") -> Callable[..., None]:
    """`find` of an engine: it leaves the tables `hit` and `evidence` in the connection.

    `folder`: for its files, `memory`: how much it may take, where it asks for them.

    Raises RedflagsError for a name that is not known, and where a library or program that it needs is missing.
    """
    if name == "duckdb":
        from lindung_redflags.engines import duck

        return duck.find
    if name == "spark":
        from lindung_redflags.engines import spark_session

        spark_session.check()
        from lindung_redflags.engines import spark

        return partial(spark.find, folder=folder, memory=memory)
    raise RedflagsError(f"no engine is called {name}; there are {', '.join(NAMES)}")
