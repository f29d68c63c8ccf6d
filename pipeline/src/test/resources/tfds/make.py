"""Writes the data sets beside this script with TFDS itself (tensorflow-cpu 2.21.0, tensorflow-datasets 4.9.10, array_record 0.8.6).

Episode e of the split train has e + 2 steps, that of test has 3. Step t of episode e: state (100 e + t, t / 2), flag t odd,
camera 4x2 pixels of a gradient, action (t / 8, -t / 8), reward 10 e + t; the last step is terminal where e is even, and has an
action and a reward that mean nothing.
"""
import pathlib
import shutil
import tempfile

import numpy as np
import tensorflow_datasets as tfds

HERE = pathlib.Path(__file__).parent
F = tfds.features


class Demo(tfds.core.GeneratorBasedBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        steps = {
            "observation": {
                "state": F.Tensor(shape=(2,), dtype=np.float32),
                "flag": np.bool_,
                "camera": F.Image(shape=(2, 4, 3)),
                "packed": F.Tensor(shape=(2,), dtype=np.int16, encoding="zlib"),
            },
            "instruction": F.Text(),
            "action": F.Tensor(shape=(2,), dtype=np.float32),
            "reward": np.float32,
            "is_first": np.bool_,
            "is_last": np.bool_,
            "is_terminal": np.bool_,
        }
        features = F.FeaturesDict({"steps": F.Dataset(steps), "episode_metadata": {"number": np.int64, "name": F.Text()}})
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, _):
        return {"train": self._generate_examples([(e, e + 2) for e in range(3)]), "test": self._generate_examples([(5, 3)])}

    def _generate_examples(self, episodes):
        for e, length in episodes:
            steps = [self.step(e, t, t == length - 1) for t in range(length)]
            yield e, {"steps": steps, "episode_metadata": {"number": 2**60 + e, "name": f"episode {e}"}}

    @staticmethod
    def step(e, t, last):
        return {
            "observation": {
                "state": np.array([100 * e + t, t / 2], np.float32),
                "flag": t % 2 == 1,
                "camera": (np.arange(24) * 10 + t).astype(np.uint8).reshape(2, 4, 3),
                "packed": np.array([-t, 300 + t], np.int16),
            },
            "instruction": "pick the red block",
            "action": np.array([9, 9] if last else [t / 8, -t / 8], np.float32),
            "reward": np.float32(-7 if last else 10 * e + t),
            "is_first": t == 0,
            "is_last": last,
            "is_terminal": last and e % 2 == 0,
        }


for kind in ("tfrecord", "array_record", "parquet"):
    with tempfile.TemporaryDirectory() as folder:
        builder = Demo(data_dir=folder, file_format=kind)
        builder.download_and_prepare()
        shutil.rmtree(HERE / kind, ignore_errors=True)
        shutil.copytree(builder.data_dir, HERE / kind)
