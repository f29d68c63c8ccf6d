#!/usr/bin/env bash
# Spark 4.1.0 bundles a Parquet library that decodes BYTE_STREAM_SPLIT, and cannot read such a column with its defaults.
#
# The encoding makes columns of floats smaller (of transitions of AntMaze by a tenth, with zstd), so writers of logs choose it
# (pyarrow: use_byte_stream_split). A good engineer expects Spark to read what the library inside it reads. Spark's default
# (vectorised) reader has its own decoders, and none for this one; its slower row reader uses the library's.
#
# Seen with pyspark 4.1.0, pyarrow 22.0.0, Java 17:
#   default reader: Unsupported encoding: BYTE_STREAM_SPLIT
#   row reader: 1000 rows, equal
# The script fails if the default reader reads the file, or the row reader does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.0 pyarrow==22.0.0

cd "$work"
SPARK_LOCAL_IP=127.0.0.1 "$work/venv/bin/python" - "$work/floats.parquet" 2>"$work/log" <<'PROGRAM'
import sys

import pyarrow
import pyarrow.parquet
from pyspark.sql import SparkSession

path = sys.argv[1]
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
values = [float(i) / 7 for i in range(1000)]
pyarrow.parquet.write_table(
    pyarrow.table({"value": pyarrow.array(values, pyarrow.float64())}),
    path,
    use_dictionary=False,
    use_byte_stream_split=True,
)


def read():
    return sorted(row.value for row in spark.read.parquet(path).collect())


try:
    read()
    default = "read"
except Exception as error:  # Spark wraps the reader's
    text = str(error) + str(getattr(error, "java_exception", ""))
    default = "Unsupported encoding: BYTE_STREAM_SPLIT" if "BYTE_STREAM_SPLIT" in text else text.splitlines()[0]
print("default reader:", default)
spark.conf.set("spark.sql.parquet.enableVectorizedReader", "false")
rows = read()
print("row reader:", len(rows), "rows,", "equal" if rows == values else "different")
sys.exit(0 if default.startswith("Unsupported") and rows == values else 1)
PROGRAM
