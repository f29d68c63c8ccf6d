"""Makes the HDF5 files beside it: python make.py, with h5py 3.16 and minari 0.5 (pip install h5py "minari[hdf5]" pillow)."""

import io
import os
import pathlib
import shutil
import tempfile
import zlib

import gymnasium
import h5py
import minari
import numpy as np
from PIL import Image
from minari.data_collector import EpisodeBuffer

HERE = pathlib.Path(__file__).parent
ROWS = 12
OBSERVATIONS = np.stack([np.arange(ROWS), 10 * np.arange(ROWS)], axis=1)
ACTIONS = (np.arange(ROWS) / 16).reshape(ROWS, 1)
REWARDS = np.arange(ROWS) / 2
# A run of terminals, a terminal on a timeout, a terminal right before a timeout, and rows after the last flag.
TERMINALS = np.isin(np.arange(ROWS), [2, 3, 5, 7])
TIMEOUTS = np.isin(np.arange(ROWS), [5, 8])


def d4rl():
    """As the D4RL loader expects it: float32, chunks of gzip, no next_observations."""
    with h5py.File(HERE / "d4rl.hdf5", "w") as file:
        for name, data, chunks in [
            ("observations", OBSERVATIONS, (5, 1)),
            ("actions", ACTIONS, (5, 1)),
            ("rewards", REWARDS, (5,)),
            ("terminals", TERMINALS, (5,)),
            ("timeouts", TIMEOUTS, (5,)),
        ]:
            file.create_dataset(name, data=data.astype("f4"), chunks=chunks, compression="gzip")
        file.create_dataset("infos/qpos", data=OBSERVATIONS.astype("f4"))


def d4rl_parts():
    """120,000 rows in episodes of 700, in chunks of 8,192: more than one task reads."""
    rows = np.arange(120_000)
    with h5py.File(HERE / "d4rl-parts.hdf5", "w") as file:
        for name, data in [
            ("observations", (rows % 700).reshape(-1, 1)),
            ("actions", np.zeros((len(rows), 1))),
            ("rewards", np.zeros(len(rows))),
            ("terminals", np.zeros(len(rows))),
            ("timeouts", rows % 700 == 699),
        ]:
            file.create_dataset(name, data=data.astype("f4"), chunks=(8192,) + data.shape[1:], compression="gzip",
                                compression_opts=9)


def d4rl_ids():
    """Rows of three episodes whose 64-bit numbers one double stands for, at nanoseconds that one double stands for too."""
    with h5py.File(HERE / "d4rl-ids.hdf5", "w") as file:
        file["observations"] = np.arange(6.0).reshape(6, 1)
        file["actions"] = np.zeros((6, 1))
        file["rewards"] = np.ones(6)
        file["ids"] = 20261101120000001 + np.arange(6) // 2
        file["unsigned"] = np.full(6, 2**64 - 1, "u8")
        file["times"] = 1761998400000000000 + 100 * np.arange(6)


def d4rl_types():
    """The same rows in other types, layouts and filters, with next_observations (row + 0.5)."""
    with h5py.File(HERE / "d4rl-types.hdf5", "w") as file:
        file.create_dataset("observations", data=OBSERVATIONS.astype(">f8"), chunks=(5, 2), shuffle=True, fletcher32=True)
        file.create_dataset("next_observations", data=OBSERVATIONS.astype("f2") + 0.5, chunks=(5, 2), compression="gzip",
                            shuffle=True, fletcher32=True)
        file.create_dataset("actions", data=np.repeat(ACTIONS.astype("f4"), 40, axis=1), chunks=(12, 40), compression="lzf")
        file.create_dataset("rewards", data=REWARDS.reshape(ROWS, 1))
        file.create_dataset("terminals", data=TERMINALS)
        file.create_dataset("timeouts", data=TIMEOUTS.astype(">i2").reshape(ROWS, 1))


def d4rl_v110():
    """The same rows as HDF5 1.10 may write them: other headers, groups and indexes of chunks."""
    with h5py.File(HERE / "d4rl-v110.hdf5", "w", libver=("v110", "v110")) as file:
        file.create_dataset("observations", data=OBSERVATIONS.astype("f4"), chunks=(5, 1), compression="gzip")  # fixed array
        file.create_dataset("actions", data=ACTIONS.astype("f4"), chunks=(12, 1), compression="gzip")  # a single chunk
        file.create_dataset("rewards", data=REWARDS, chunks=(5,), maxshape=(None,))  # extensible array
        file.create_dataset("terminals", data=TERMINALS.reshape(ROWS, 1), chunks=(5, 1), maxshape=(None, None))  # B-tree
        file.create_dataset("timeouts", data=TIMEOUTS.astype("u1"))
        for i in range(10):  # more links than fit into a header
            file.create_dataset(f"infos_{i}", data=i)


def minari_dataset(name, path, episodes, observation, action):
    dataset = minari.create_dataset_from_buffers(name, episodes, observation_space=observation, action_space=action,
                                                 data_format="hdf5")
    source = pathlib.Path(dataset.storage.data_path)
    (HERE / path / "data").mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "main_data.hdf5", HERE / path / "data")
    shutil.copy(source / "metadata.json", HERE / path / "data")
    minari.delete_dataset(name)


def minari_goal():
    """11 episodes of 1 to 3 steps with observations in a dictionary, bounds that differ; terminated, truncated, open in turn."""
    observation = gymnasium.spaces.Dict({
        "observation": gymnasium.spaces.Box(-1e3, 1e3, (2,), np.float64),
        "achieved_goal": gymnasium.spaces.Box(-1e3, 1e3, (1,), np.float64),
    })
    action = gymnasium.spaces.Box(np.array([-1, -2], np.float32), np.array([1, 3], np.float32))
    episodes = []
    for i in range(11):
        steps = i % 3 + 1
        last = np.arange(steps) == steps - 1
        episodes.append(EpisodeBuffer(
            id=i,
            observations={
                "observation": np.stack([100 * i + np.arange(steps + 1), np.arange(steps + 1)], axis=1).astype("f8"),
                "achieved_goal": -np.arange(steps + 1.0).reshape(-1, 1),
            },
            actions=np.full((steps, 2), i / 16, "f4"),
            rewards=[float(i)] * steps,
            terminations=list(last & (i % 3 == 0)),
            truncations=list(last & (i % 3 == 1)),
            infos={},
        ))
    minari_dataset("test/goal-v0", "minari-goal", episodes, observation, action)


def minari_discrete():
    """2 episodes with actions 1 to 3, which are discrete and start at 1, and observations of one number."""
    episodes = [
        EpisodeBuffer(id=i, observations=np.array([0, 1, 2]), actions=np.array([1, 3]), rewards=[0.0, 1.0],
                      terminations=[False, True], truncations=[False, False], infos={})
        for i in range(2)
    ]
    minari_dataset("test/discrete-v0", "minari-discrete", episodes, gymnasium.spaces.Discrete(3),
                   gymnasium.spaces.Discrete(3, start=1))


def minari_images():
    """Images as JPEG, once of any length and once all of one, grey ones, raw ones, and a text beside them."""
    rng = np.random.default_rng(0)
    picture = gymnasium.spaces.Box(0, 255, (32, 40, 3), np.uint8)
    grey = gymnasium.spaces.Box(0, 255, (33, 32), np.uint8)
    raw = gymnasium.spaces.Box(0, 255, (31, 32), np.uint8)
    noise = rng.integers(0, 256, (3, 32, 40, 3), np.uint8)
    plain = np.full((3, 32, 40, 3), [[[[10, 100, 200]]]], np.uint8)
    shade = np.stack([np.add.outer(np.arange(33), np.arange(32)) * (i + 1) for i in range(3)]).astype(np.uint8)

    def buffer(i, observations):
        return EpisodeBuffer(id=i, observations=observations, actions=np.array([0, 1]), rewards=[0.0, 1.0],
                             terminations=[False, True], truncations=[False, False], infos={})

    space = gymnasium.spaces.Dict({"noise": picture, "shade": grey, "raw": raw})
    parts = {"noise": noise, "shade": shade, "raw": shade[:, :31]}
    minari_dataset("test/images-v0", "minari-images", [buffer(0, parts)], space, gymnasium.spaces.Discrete(2))
    minari_dataset("test/plain-v0", "minari-plain", [buffer(0, plain)], picture, gymnasium.spaces.Discrete(2))
    space = gymnasium.spaces.Dict({"mission": gymnasium.spaces.Text(9), "position": gymnasium.spaces.Box(-1, 1, (1,))})
    parts = {"mission": ["go", "on", "stop"], "position": np.zeros((3, 1), "f4")}
    minari_dataset("test/text-v0", "minari-text", [buffer(0, parts)], space, gymnasium.spaces.Discrete(2))
    for name, path in [("noise", "minari-images"), ("shade", "minari-images"), ("", "minari-plain")]:
        with h5py.File(HERE / path / "data/main_data.hdf5") as file:
            frames = [np.asarray(Image.open(io.BytesIO(bytes(frame)))) for frame in file["episode_0/observations/" + name]]
        print(path, name, [zlib.crc32(frame.tobytes()) for frame in frames])


def d3rlpy():
    """As d3rlpy 2.8's ReplayBuffer.dump writes it: a terminated episode of 3 rows, one of 3 that is not; 12 episodes in all."""
    with h5py.File(HERE / "d3rlpy.h5", "w") as file:
        for i in range(12):
            file[f"observations_{i}_0"] = 100 * i + np.arange(6, dtype="f4").reshape(3, 2)
            file[f"observations_{i}_1"] = np.arange(3, dtype="f4").reshape(3, 1) + i
            file[f"actions_{i}"] = np.array([[0], [2], [1]])
            file[f"rewards_{i}"] = np.array([[1], [2], [3]], "f4")
            file[f"terminated_{i}"] = i % 2 == 0
        file["columns"] = ["observations", "actions", "rewards", "terminated"]
        file["num_episodes"] = 12
        file["version"] = "2.1"


def d3rlpy_old():
    """As d3rlpy 1's MDPDataset.dump writes it: 3 rows that terminate, 4 that do not."""
    with h5py.File(HERE / "d3rlpy-old.h5", "w") as file:
        file["observations"] = np.arange(7, dtype="f4").reshape(7, 1)
        file["actions"] = np.linspace(-2, 1, 7, dtype="f4").reshape(7, 1)
        file["rewards"] = np.arange(7, dtype="f4")
        file["terminals"] = np.array([0, 0, 1, 0, 0, 0, 0], "f4")
        file["episode_terminals"] = np.array([0, 0, 1, 0, 0, 0, 1], "f4")
        file["discrete_action"] = False
        file["version"] = "1.0"


def robomimic():
    """As robomimic's dataset_states_to_obs.py writes it with done_mode 2; demo_1 does not succeed, demo_2 does on two rows."""
    with h5py.File(HERE / "robomimic.hdf5", "w") as file:
        for name, rewards, dones in [("demo_0", [0, 1], [0, 1]), ("demo_1", [0, 0], [0, 1]), ("demo_10", [0, 1], [0, 1]),
                                     ("demo_2", [0, 1, 1], [0, 1, 1])]:
            rows = len(rewards)
            seen = np.arange(rows + 1.0).reshape(-1, 1) + 10 * int(name[5:])
            group = file.create_group("data/" + name)
            group["actions"] = np.linspace(-1.5, 1, 2 * rows).reshape(rows, 2)
            group["rewards"] = np.array(rewards, "f8")
            group["dones"] = np.array(dones)
            for key, values in {"robot0": seen, "object": -seen, "camera": np.zeros((rows + 1, 4, 4, 3), np.uint8)}.items():
                group.create_dataset("obs/" + key, data=values[:-1], compression="gzip")
                group.create_dataset("next_obs/" + key, data=values[1:], compression="gzip")
            group.attrs["num_samples"] = rows
        file["mask/train"] = np.array(["demo_10", "demo_0"], dtype="S")
        file["mask/valid"] = ["demo_2", "demo_1"]
        file["mask/other"] = ["demo_3"]


def d4rl_v200():
    """Too new a version of the format for what reads it."""
    with h5py.File(HERE / "d4rl-v200.hdf5", "w", libver=("v200", "v200")) as file:
        for name in ["observations", "actions", "rewards", "terminals", "timeouts"]:
            file.create_dataset(name, data=REWARDS, chunks=(5,), compression="gzip")


def hostile():
    """What must be refused before anything is allocated for it, and what is not followed."""
    with h5py.File(HERE / "hostile.hdf5", "w") as file:
        file.create_dataset("endless", (2**50, 29), "f4", chunks=(5, 1))
        file.create_dataset("wide", (12, 2**20), "f4", chunks=(1, 2**10))
        file.create_dataset("chunk", (12,), "f4", chunks=(2**28,), maxshape=(None,))
        file.create_dataset("chunks", (2**16,), "f4", chunks=(1,))
        file.create_dataset("unwritten", (12,), "f4")
        file.create_dataset("partly", (12,), "f4", chunks=(5,))[:5] = 1
        file.create_dataset("words", data=["a", "b"])
        file.create_dataset("colours", data=[0, 1], dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1}, "i1"))
        file.create_dataset("scalar", data=1.0)
        file["type"] = np.dtype("f4")
        file.create_dataset("named", data=[1.0], dtype=file["type"])
        file["soft"] = h5py.SoftLink("/unwritten")
        file["outside"] = h5py.ExternalLink("/etc/passwd", "/")
        loop = file.create_group("loop")
        loop["again"] = loop
        file["episode_0/observations/again"] = file["loop"]
        file["episode_0/rewards"] = [1.0]
        for name in ["actions", "terminations", "truncations"]:
            file[f"episode_0/{name}"] = file["episode_0/rewards"]


os.environ["MINARI_DATASETS_PATH"] = tempfile.mkdtemp()
d4rl()
d4rl_parts()
d4rl_ids()
d4rl_types()
d4rl_v110()
d4rl_v200()
hostile()
minari_goal()
minari_discrete()
minari_images()
d3rlpy()
d3rlpy_old()
robomimic()
for file in sorted([*HERE.rglob("*.hdf5"), *HERE.rglob("*.h5")]):
    print(file.relative_to(HERE), file.stat().st_size)
