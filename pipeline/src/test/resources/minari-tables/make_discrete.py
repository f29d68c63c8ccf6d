"""Makes discrete-arrow and discrete-parquet beside it, in Minari's layout: python make_discrete.py, with pyarrow 26.0.1."""

import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
SEEN = [{"cards": [2, 0], "room": 4}, {"cards": [0, 1], "room": 1}, {"cards": [1, 1], "room": 3}]
TABLE = pa.table({
    "observations": pa.array(SEEN, pa.struct([("cards", pa.list_(pa.int64(), 2)), ("room", pa.int64())])),
    "actions": pa.array([[1, 0], [2, 1], [0, 0]], pa.list_(pa.int64(), 2)),
    "rewards": pa.array([1.0, 2.0, 0.0]),
    "terminations": [False, True, False],
    "truncations": [False, False, False],
})
CARDS = {"type": "MultiDiscrete", "dtype": "int64", "nvec": [3, 2]}
ROOM = {"type": "Discrete", "dtype": "int64", "start": 1, "n": 4}

for storage in ("arrow", "parquet"):
    episode = HERE / f"discrete-{storage}" / "data" / "0"
    episode.mkdir(parents=True, exist_ok=True)
    if storage == "parquet":
        pq.write_table(TABLE, episode / "part-0.parquet")
    else:
        with pa.OSFile(str(episode / "part-0.arrow"), "wb") as file, pa.ipc.new_file(file, TABLE.schema) as writer:
            writer.write_table(TABLE)
    (episode / "metadata.json").write_text(json.dumps({"id": 0, "total_steps": 2, "seed": None, "options": None}))
    (episode.parent / "metadata.json").write_text(json.dumps({
        "total_episodes": 1,
        "total_steps": 2,
        "data_format": storage,
        "jpeg_encoding": True,
        "observation_space": json.dumps({"type": "Dict", "subspaces": {"room": ROOM, "cards": CARDS}}),
        "action_space": json.dumps(CARDS),
        "dataset_id": f"demo/discrete-{storage}-v0",
        "minari_version": "0.5.4",
    }))
