"""Writes the event file that EventFilesTest compares with, with TensorBoard's own writer (requirements-track.txt).

python event-file.py ../resources/track/events.golden
"""

import os
import shutil
import sys
import tempfile
import time

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

NOW = 1700000000.25
EVENTS = [
    (0, {"critic/loss": 0.5}),
    (500, {"critic/loss": 0.1, "policy/gradient-norm": 0.0}),
    (1000000000000, {"critic/loss": float("nan"), "value/mean": float("-inf")}),
]

time.time = lambda: NOW
with tempfile.TemporaryDirectory() as folder:
    writer = EventFileWriter(folder)
    for step, values in EVENTS:
        values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        writer.add_event(event_pb2.Event(wall_time=NOW, step=step, summary=summary_pb2.Summary(value=values)))
    writer.close()
    (file,) = os.listdir(folder)
    shutil.copy(os.path.join(folder, file), sys.argv[1])
