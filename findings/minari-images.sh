#!/usr/bin/env bash
# Minari 0.5.4 stores image observations as JPEG by default, so what is read back is not what was recorded; and the array that
# holds the frames of an episode has another type and rank when all frames happen to compress to one length.
#
# A good engineer expects of a dataset format that observations come back as they went in, and that the layout depends on the
# space, not on the content. The rule (minari/data_collector, jpeg_encoding): a uint8 Box of 2 or 3 dimensions, 0 to 255, of
# which the first two are 32 or more.
#
# Seen with minari 0.5.4, gymnasium 1.4.0, h5py 3.16.0, pillow 13.0.0, numpy 2.4.6, Python 3.11:
#   noise frames: largest difference 240 of 255; stored as (4,) object
#   plain frames: largest difference 0 of 255; stored as (4, 643) uint8
# The script fails if noise comes back unchanged, or if both kinds are stored in arrays of one rank.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  'minari[create]==0.5.4' gymnasium==1.4.0 h5py==3.16.0 pillow==13.0.0 numpy==2.4.6

export MINARI_DATASETS_PATH=$work/datasets
"$work/venv/bin/python" -W ignore - <<'PROGRAM'
import glob
import os

import gymnasium
import h5py
import minari
import numpy as np


class Frames(gymnasium.Env):
    """Four frames of 32 x 32 x 3: noise, or one grey each."""

    observation_space = gymnasium.spaces.Box(0, 255, (32, 32, 3), np.uint8)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, kind):
        self.kind = kind
        self.frames = []

    def frame(self):
        count = len(self.frames)
        if self.kind == "plain":
            self.frames.append(np.full((32, 32, 3), 7 * count, np.uint8))
        else:
            self.frames.append(np.random.default_rng(count).integers(0, 256, (32, 32, 3), dtype=np.uint8))
        return self.frames[-1]

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.frames = []
        return self.frame(), {}

    def step(self, action):
        return self.frame(), 1.0, len(self.frames) == 4, False, {}


seen = {}
for kind in ("noise", "plain"):
    environment = minari.DataCollector(Frames(kind))
    environment.reset(seed=0)
    for _ in range(3):
        environment.step(0)
    recorded = np.stack(environment.unwrapped.frames)
    name = f"demo/{kind}-v0"
    environment.create_dataset(dataset_id=name, algorithm_name="none", description="four frames",
                               author="nobody", author_email="nobody@example.org", code_permalink="none")
    read = next(minari.load_dataset(name).iterate_episodes()).observations
    path = glob.glob(os.path.join(os.environ["MINARI_DATASETS_PATH"], name, "data", "*.hdf5"))[0]
    with h5py.File(path) as file:
        stored = file["episode_0/observations"]
        difference = int(np.abs(read.astype(int) - recorded.astype(int)).max())
        print(f"{kind} frames: largest difference {difference} of 255; stored as {stored.shape} {stored.dtype}")
        seen[kind] = difference, stored.ndim
assert seen["noise"][0] > 0, "noise came back unchanged"
assert seen["noise"][1] != seen["plain"][1], "both kinds are stored alike"
PROGRAM
echo "as described"
