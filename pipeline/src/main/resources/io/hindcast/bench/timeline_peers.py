"""What single-machine engines make of a log of rows in any order: timeline_peers.py WAY LOG OUT, on two threads.

WAY is duckdb-sort (rows by episode and step), duckdb-window (each with the next observation, and a table of the episodes), or
polars-sort. LOG is a folder of Parquet files; files that begin with OUT are written, with zstd.
"""
import os
import sys

os.environ["POLARS_MAX_THREADS"] = "2"

way, log, out = sys.argv[1:4]
files = os.path.join(log, "*.parquet")


def duckdb_ways():
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    zstd = "(format parquet, compression zstd, compression_level 1)"
    if way == "duckdb-sort":
        connection.execute(f"copy (select * from '{files}' order by episode, step) to '{out}.parquet' {zstd}")
    else:
        connection.execute(
            f"""copy (
                select *, lead(observation) over steps as next_observation, isfinite(reward) as is_finite
                from '{files}' window steps as (partition by episode order by step)
            ) to '{out}.parquet' {zstd}"""
        )
        connection.execute(
            f"""copy (
                select episode, count(*) as length, sum(reward) as return, bool_or(terminated) as terminated
                from '{out}.parquet' group by episode
            ) to '{out}-episodes.parquet' {zstd}"""
        )
    return connection.execute(f"select count(*) from '{out}.parquet'").fetchone()[0]


def polars_sort():
    import polars

    rows = polars.scan_parquet(files).sort(["episode", "step"])
    rows.sink_parquet(out + ".parquet", compression="zstd", compression_level=1)
    return polars.scan_parquet(out + ".parquet").select(polars.len()).collect().item()


print(polars_sort() if way == "polars-sort" else duckdb_ways())
