#!/usr/bin/env bash
# Spark 4.1.0: createAtomic of its checkpoint files, on the local file system, deletes the old file before it moves the new one in.
#
# Spark's streams keep their state through CheckpointFileManager. Its createAtomic may overwrite, so a good engineer expects the one
# rename of POSIX: a reader sees the old file or the new one. Beneath it, Hadoop's FileContext.rename with OVERWRITE checks,
# deletes and renames, so for a moment there is no file: a reader then finds nothing, and a process killed there leaves nothing
# under that name. Hadoop's checksum file (.latest.crc) follows in two further steps, so for another moment the new file stands
# beside the old one's checksum.
#
# Seen with pyspark 4.1.0 (Hadoop 3.4.2), Java 17, Linux, where the kernel tells what happens to the names in a folder (inotify):
#   createAtomic over a file: delete latest, move to latest, delete .latest.crc, move to .latest.crc
#   os.replace over a file: move to latest
# The script fails if Spark's method no longer deletes the file first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.0

mkdir "$work/state"
cd "$work"
SPARK_LOCAL_IP=127.0.0.1 "$work/venv/bin/python" - "$work/state" 2>"$work/log" <<'PROGRAM' || { tail -n 5 "$work/log"; exit 1; }
import ctypes
import os
import struct
import sys

from pyspark.sql import SparkSession

folder = sys.argv[1]
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
java, hadoop = spark._jvm, spark._jsc.hadoopConfiguration()
path = java.org.apache.hadoop.fs.Path
manager = java.org.apache.spark.sql.execution.streaming.checkpointing.CheckpointFileManager.create(
    path(f"file://{folder}"), hadoop)
libc = ctypes.CDLL(None, use_errno=True)
NONBLOCKING, MOVED_TO, DELETED = os.O_NONBLOCK, 0x80, 0x200


def spark_writes(text):
    stream = manager.createAtomic(path(f"file://{folder}/latest"), True)
    stream.write(bytearray(text.encode()))
    stream.close()


def python_writes(text):
    with open(f"{folder}/next", "w") as file:
        file.write(text)
    os.replace(f"{folder}/next", f"{folder}/latest")


def watch(name, write, text):
    """What happens to the names in the folder while the text is written, in order."""
    queue = libc.inotify_init1(NONBLOCKING)
    assert queue >= 0 and libc.inotify_add_watch(queue, folder.encode(), MOVED_TO | DELETED) >= 0, os.strerror(ctypes.get_errno())
    write(text)
    events, seen, at = os.read(queue, 1 << 16), [], 0
    os.close(queue)
    while at < len(events):
        _, mask, _, length = struct.unpack_from("iIII", events, at)
        file = events[at + 16:at + 16 + length].rstrip(b"\0").decode()
        seen.append(("delete " if mask & DELETED else "move to ") + file)
        at += 16 + length
    with open(f"{folder}/latest") as file:
        assert file.read() == text, "the file holds something else"
    print(f"{name}:", ", ".join(seen))
    return seen


spark_writes("old")
found = watch("createAtomic over a file", spark_writes, "new")
assert watch("os.replace over a file", python_writes, "newer") == ["move to latest"], "a plain rename does more"
assert found == ["delete latest", "move to latest", "delete .latest.crc", "move to .latest.crc"], "Spark takes other steps"
PROGRAM
echo "as described"
