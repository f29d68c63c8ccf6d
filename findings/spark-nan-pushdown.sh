#!/usr/bin/env bash
# Spark 4.1.0 and DuckDB 2.0.1 lose the rewards that are NaN from a Parquet file, or find them, by where they compare: `reward > 5`.
#
# Both order NaN above every number, so `reward > 5` is true of NaN. A good engineer expects of a filter that is pushed down to
# the file another time, not other rows. But pyarrow, as Parquet's own rule has it, leaves NaN out of a row group's least and
# greatest value. The filter reads "at most 2" there and skips the group: even `reward = NaN` finds nothing. In a file that Spark
# wrote, the greatest value is NaN, the reader trusts neither, and the same query finds the row. So a check of a log for rewards
# out of range lets the worst ones pass, by who wrote the file.
#
# Seen with pyspark 4.1.0, duckdb 2.0.1, pyarrow 22.0.0, Java 17, for the rewards 1, 2, NaN, 0.5:
#   greatest reward in the footer: 2.0
#   Spark, pushed down: reward > 5: 0; reward = double('NaN'): 0; NOT (reward <= 5): 0; isnan(reward): 1
#   Spark, not pushed down: reward > 5: 1; reward = double('NaN'): 1; NOT (reward <= 5): 1; isnan(reward): 1
#   Spark, pushed down, its own copy: reward > 5: 1
#   DuckDB: where reward > 5: 0; filter (where reward > 5): 1
# The script fails if any of these counts changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.0 duckdb==2.0.1 pyarrow==22.0.0

cd "$work"
SPARK_LOCAL_IP=127.0.0.1 "$work/venv/bin/python" - "$work" 2>"$work/log" <<'PROGRAM' || { tail -n 5 "$work/log"; exit 1; }
import sys

import duckdb
import pyarrow
import pyarrow.parquet
from pyspark.sql import SparkSession

path, copy = sys.argv[1] + "/rewards.parquet", sys.argv[1] + "/copy"
rewards = pyarrow.array([1.0, 2.0, float("nan"), 0.5])
pyarrow.parquet.write_table(pyarrow.table({"reward": rewards}), path)
footer = pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0).statistics
print("greatest reward in the footer:", footer.max)

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
spark.read.parquet(path).coalesce(1).write.parquet(copy)
conditions = ["reward > 5", "reward = double('NaN')", "NOT (reward <= 5)", "isnan(reward)"]


def count(where, pushdown, conditions):
    spark.conf.set("spark.sql.parquet.filterPushdown", pushdown)
    return [spark.read.parquet(where).filter(condition).count() for condition in conditions]


def show(name, conditions, counts):
    print(name + ":", "; ".join(f"{condition}: {n}" for condition, n in zip(conditions, counts)))
    return counts


pushed = show("Spark, pushed down", conditions, count(path, "true", conditions))
plain = show("Spark, not pushed down", conditions, count(path, "false", conditions))
own = show("Spark, pushed down, its own copy", conditions[:1], count(copy, "true", conditions[:1]))
queries = {"where reward > 5": "count(*) from '{}' where reward > 5",
           "filter (where reward > 5)": "count(*) filter (where reward > 5) from '{}'"}
duck = show("DuckDB", queries, [duckdb.sql("select " + query.format(path)).fetchall()[0][0] for query in queries.values()])
assert pushed == [0, 0, 0, 1], "Spark finds other rows when it pushes down"
assert plain == [1, 1, 1, 1], "Spark finds other rows when it does not push down"
assert own == [1], "Spark finds other rows in its own file"
assert duck == [0, 1], "DuckDB finds other rows"
PROGRAM
echo "as described"
