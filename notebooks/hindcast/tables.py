"""Tables that hindcast writes, as frames."""

from typing import Optional

from pyspark.sql import DataFrame, SparkSession

from hindcast.ml import in_one_line


def read(out: str, table: str, version: Optional[int] = None, spark: Optional[SparkSession] = None) -> DataFrame:
    """A table of an output directory, for example ``read("out/quickstart", "runs")``.

    Parameters
    ----------
    out
        the directory that jobs were given as ``--out``, or the folder of one ``fit``
    table
        ``transitions``, ``episodes``, ``runs``, ``metrics``, ``evaluations``, …: see data-schema/README.md
    version
        1, 2, …; without it, the one that belongs to what is published together
    spark
        a session that was started with hindcast's jar, also one of Spark Connect; without it, the active one
    """
    session = spark or SparkSession.active()
    reader = session.read.format("hindcast").option("table", table)
    with in_one_line():
        return (reader if version is None else reader.option("version", version)).load(out)
