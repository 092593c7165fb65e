"""A Spark session for a scan: the one that is there, or one of this machine, quiet and closed to the network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lindung_redflags.errors import RedflagsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
"""The oldest Java that Spark 4 runs on."""


def check() -> None:
    """Raise RedflagsError, in a sentence, where Spark or Java is missing."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise RedflagsError(
            'the engine Spark is not installed; expected: pip install "lindung-redflags[spark]"'
        ) from None
    if SparkSession.getActiveSession() is None and not _submitted():
        _check_java()


def _submitted() -> bool:
    """Whether spark-submit has started this process: then it decides about Java, cluster and memory."""
    return "PYSPARK_GATEWAY_PORT" in os.environ


def _check_java() -> None:
    wanted = f"Spark needs Java {JAVA} or newer (package default-jre-headless)"
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if program is None or not Path(program).exists():
        where = f"JAVA_HOME={home} has no bin/java" if home else "no program java was found and JAVA_HOME is not set"
        raise RedflagsError(f"{wanted}; {where}")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < JAVA:
        raise RedflagsError(f"{wanted}; {program} is {said.splitlines()[0] if said else 'silent about its version'}")


@contextmanager
def session(folder: Path, memory: str = "4GB", cores: int = 2) -> Iterator[SparkSession]:
    """A session of its own over the Spark that runs, or over one of this machine that ends with it.

    `folder`: for what Spark spills and says. `memory`, `cores`: of a Spark of this machine. Settings of a session that
    was there before stay as they were. Raises RedflagsError when Spark does not start.
    """
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    base = there or _start(folder, memory, cores)
    mine = base.newSession()
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.execution.arrow.pyspark.enabled": "false",
        "spark.sql.requireAllClusterKeysForCoPartition": "false",  # pairs lie where their subject lies
    }
    if str(base.sparkContext.master).startswith("local"):
        settings["spark.sql.shuffle.partitions"] = str(2 * base.sparkContext.defaultParallelism)
        settings["spark.sql.adaptive.enabled"] = "false"
    try:
        for name, value in settings.items():
            mine.conf.set(name, value)
        yield mine
    finally:
        if there is None:
            base.stop()


def _start(folder: Path, memory: str, cores: int) -> SparkSession:
    from pyspark.sql import SparkSession

    settings = {
        "spark.app.name": "redflags",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.log.level": "ERROR",
    }
    if not _submitted():
        settings |= {
            "spark.master": f"local[{cores}]",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": _for_java(memory),
            "spark.local.dir": str(folder),
            "spark.driver.extraJavaOptions": "-XX:+UseParallelGC",
        }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    log = folder / "spark.log"
    try:
        with _errors_into(log):
            return builder.getOrCreate()
    except Exception as error:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        raise RedflagsError(f"Spark did not start: {lines[-1] if lines else error}") from error


def _for_java(memory: str) -> str:
    """4GB as 4g; what Java would not understand is taken for four gigabytes."""
    found = re.fullmatch(r"(\d+)\s*([kmgt])i?b?", memory.strip().lower())
    return found[1] + found[2] if found else "4g"


@contextmanager
def _errors_into(path: Path) -> Iterator[None]:
    """What a program that is started here says on standard error goes into a file, as long as it runs."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with path.open("wb") as out:
            os.dup2(out.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
