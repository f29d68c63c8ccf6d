"""Writes a log with a library and what the library itself reads of it: python write-logs.py KIND FOLDER.

The log goes to FOLDER/log; FOLDER/truth.jsonl has a line an episode: observations, actions, rewards and next observations of its
steps, and whether it was terminated or truncated.
"""

import json
import os
import pathlib
import sys

kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
log = folder / "log"
truth = []


def steps(episode):
    """Rows of a table: the last one of an episode is terminated, or truncated if its number is odd."""
    length = 3 + episode
    return [
        {
            "episode": episode,
            "step": t,
            "observation": [episode + t / 4, -t / 8],
            "action": [t / 16, -t / 16],
            "reward": 10.0 * episode + t,
            "terminated": t == length - 1 and episode % 2 == 0,
            "truncated": t == length - 1 and episode % 2 == 1,
        }
        for t in range(length)
    ]


def of_rows(rows):
    """A truncated episode's last row is only what was seen last; nothing is known to follow a terminated step."""
    episodes = {}
    for row in sorted(rows, key=lambda row: (row["episode"], row["step"])):
        episodes.setdefault(row["episode"], []).append(row)
    for rows in episodes.values():
        cut = rows[-1]["truncated"]
        kept = rows[:-1] if cut else rows
        following = rows[1:] if cut else rows[1:] + rows[-1:]
        truth.append(
            {
                "observation": [list(row["observation"]) for row in kept],
                "action": [list(row["action"]) for row in kept],
                "reward": [row["reward"] for row in kept],
                "next": [list(row["observation"]) for row in following],
                "terminated": rows[-1]["terminated"],
                "truncated": cut,
            }
        )


ROWS = [row for episode in range(4) for row in steps(episode)]

if kind == "pyarrow":
    import pyarrow as pa
    import pyarrow.parquet as pq

    log.mkdir()
    pq.write_table(pa.Table.from_pylist(ROWS), log / "part-0.parquet")
    of_rows(pq.read_table(log / "part-0.parquet").to_pylist())
elif kind == "polars":
    import polars as pl

    log.mkdir()
    pl.DataFrame(ROWS).write_parquet(log / "part-0.parquet")
    of_rows(pl.read_parquet(log / "part-0.parquet").to_dicts())
elif kind == "duckdb":
    import duckdb
    import pyarrow as pa

    log.mkdir()
    rows = pa.Table.from_pylist(ROWS)
    duckdb.sql(f"COPY rows TO '{log}/part-0.parquet' (FORMAT parquet)")
    of_rows(duckdb.sql(f"SELECT * FROM '{log}/*.parquet'").to_arrow_table().to_pylist())
elif kind.startswith("minari"):
    os.environ["MINARI_DATASETS_PATH"] = str(folder / "minari")
    import gymnasium
    import minari
    import numpy as np
    from minari.data_collector import EpisodeBuffer

    env = gymnasium.make("Pendulum-v1", max_episode_steps=7)
    buffers = []
    for seed in range(3):
        observations = [env.reset(seed=seed)[0]]
        env.action_space.seed(seed)
        actions, rewards, terminations, truncations = [], [], [], []
        while not truncations or not (terminations[-1] or truncations[-1]):
            actions.append(env.action_space.sample())
            observation, reward, terminated, truncated, _ = env.step(actions[-1])
            observations.append(observation)
            rewards.append(reward)
            terminations.append(terminated)
            truncations.append(truncated)
        buffers.append(
            EpisodeBuffer(
                id=seed,
                observations=np.stack(observations),
                actions=np.stack(actions),
                rewards=rewards,
                terminations=terminations,
                truncations=truncations,
                infos={},
            )
        )
    storage = kind.removeprefix("minari-") if "-" in kind else "hdf5"
    minari.create_dataset_from_buffers("test/pendulum-v0", buffer=buffers, env="Pendulum-v1", data_format=storage)
    (folder / "minari/test/pendulum-v0").rename(log)
    os.environ["MINARI_DATASETS_PATH"] = str(folder)
    for episode in minari.load_dataset("log").iterate_episodes():
        truth.append(
            {
                "observation": episode.observations[:-1].tolist(),
                "action": episode.actions.tolist(),
                "reward": episode.rewards.tolist(),
                "next": episode.observations[1:].tolist(),
                "terminated": bool(episode.terminations[-1]),
                "truncated": bool(episode.truncations[-1]),
            }
        )
elif kind == "datasets":  # as the library imitation saves its trajectories
    import datasets

    trajectories = [
        {
            "obs": [[float(10 * episode + t), -0.5 * t] for t in range(4 + episode)],
            "acts": [t % 2 for t in range(3 + episode)],
            "infos": ["{}"] * (3 + episode),
            "terminal": episode % 2 == 0,
            "rews": [0.25 * t - episode for t in range(3 + episode)],
        }
        for episode in range(4)
    ]
    datasets.Dataset.from_list(trajectories).save_to_disk(str(log))
    for row in datasets.load_from_disk(str(log)):
        truth.append(
            {
                "observation": row["obs"][:-1],
                "action": [[action] for action in row["acts"]],
                "reward": row["rews"],
                "next": row["obs"][1:],
                "terminated": row["terminal"],
                "truncated": False,
            }
        )
elif kind == "vowpal-wabbit":
    from vowpalwabbit import Workspace

    log.mkdir()
    text = "1:2.0:0.5 | a:1 b:2\n2:-1.0:0.25 | a:3\n3:0.5:0.125 | b:4\n"
    (log / "cb.txt").write_text(text)
    workspace = Workspace("--cb 3 --quiet")
    for line in text.splitlines():
        example = workspace.parse(line)
        label = example.get_label(4).costs[0] if hasattr(example.get_label(4), "costs") else None
        features = {"a": 0.0, "b": 0.0}
        features.update({part.split(":")[0]: float(part.split(":")[1]) for part in line.split("|")[1].split()})
        seen = [features["a"], features["b"]]
        truth.append(
            {
                "observation": [seen],
                "action": [[label.action - 1]],
                "reward": [-label.cost],
                "next": [seen],
                "terminated": True,
                "truncated": False,
            }
        )
        workspace.finish_example(example)
else:
    sys.exit(f"no writer called {kind}")

(folder / "truth.jsonl").write_text("".join(json.dumps(episode) + "\n" for episode in truth))
