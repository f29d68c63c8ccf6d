"""hindcast's worker: several instances of one Gymnasium environment, driven over stdin and stdout.

Every message, both ways, is a frame: b"HCGY", kind (1 byte), length of the payload (u32), payload; all numbers little-endian.

    H  JSON: protocol, environment, kwargs, size, path, patience  ->  H  JSON: protocol, spaces, step limit, versions
    R  instance (u32), seed (u32)                                 ->  R  observation (f32[o])
    S  mask (u8[size]), actions (f32[k, a]) of the k masked ones  ->  S  rewards (f64[k]), observations (f32[k, o]), flags (u8[k])
    any                                                           ->  E  one line of text: what Python raised

Flags: 1 terminated, 2 truncated, 4 it is known whether the step succeeded, 8 it did. A Discrete action is its index, as are MultiDiscrete and MultiBinary ones.
The worker ends when its stdin does, and when the process that started it is gone.
"""

import faulthandler
import importlib
import json
import math
import os
import signal
import struct
import sys
import threading
import time
import traceback

PROTOCOL = 1
MAGIC = b"HCGY"
HEAD = struct.Struct("<4scI")
STEPS_WITHOUT_LIMIT = 1_000_000
MOST_COMBINATIONS = 4096
TERMINATED, TRUNCATED, KNOWN, SUCCESS = 1, 2, 4, 8


class Pipes:
    """The real stdin and stdout. Whatever else reads or prints gets /dev/null and stderr, so no library can spoil a frame."""

    def __init__(self):
        self.source = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
        self.sink = os.fdopen(os.dup(1), "wb", buffering=0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def read(self):
        """Kind and payload of the next frame; None at the end."""
        head = self.source.read(HEAD.size)
        if len(head) < HEAD.size:
            return None
        magic, kind, length = HEAD.unpack(head)
        if magic != MAGIC:
            raise SystemExit(f"no frame of hindcast: {head!r}")
        payload = self.source.read(length)
        return (kind, payload) if len(payload) == length else None

    def write(self, kind, payload):
        left = memoryview(HEAD.pack(MAGIC, kind, len(payload)) + payload)
        while left:  # a pipe may take a part
            left = left[self.sink.write(left) :]


class Watch(threading.Thread):
    """Ends this process with its parent, even in the middle of a step, even where a library never lets go of the interpreter."""

    def __init__(self, patience):
        super().__init__(daemon=True)
        self.parent = os.getppid()
        self.patience = patience  # seconds
        self.start()

    def run(self):
        while os.getppid() == self.parent:
            # Rings unless this loop comes round again in time.
            faulthandler.dump_traceback_later(self.patience, exit=True)
            time.sleep(0.5)
        end()


def end():
    os.killpg(0, signal.SIGKILL)  # with whatever the environments started


def make(entry, kwargs):
    """The environment that is meant by `module:Class` or an id of Gymnasium's registry; one without a step limit gets one."""
    import gymnasium

    module, colon, name = entry.rpartition(":")
    made = getattr(importlib.import_module(module), name, None) if colon else None
    if made is None:
        env = gymnasium.make(entry, disable_env_checker=True, **kwargs)
        limit = env.spec.max_episode_steps
    else:
        kwargs = dict(kwargs)
        limit = kwargs.pop("max_episode_steps", None)
        env = made(**kwargs)
        if limit is not None:
            env = gymnasium.wrappers.TimeLimit(env, limit)
        else:
            limit = getattr(env, "max_episode_steps", None)
    if limit is None:
        limit = STEPS_WITHOUT_LIMIT
        env = gymnasium.wrappers.TimeLimit(env, limit)
    return env, int(limit)


class Actions:
    """Turns the numbers of a frame into actions of a space."""

    def __init__(self, space):
        import gymnasium
        import numpy

        self.space, self.unravel = space, numpy.unravel_index
        self.low = self.factors = None
        if isinstance(space, gymnasium.spaces.Discrete):
            self.size = 1
            self.header = {"kind": "discrete", "count": int(space.n)}
            return
        if isinstance(space, (gymnasium.spaces.MultiDiscrete, gymnasium.spaces.MultiBinary)):
            binary = isinstance(space, gymnasium.spaces.MultiBinary)
            self.factors = numpy.full(space.shape, 2) if binary else space.nvec
            self.start = numpy.zeros(space.shape, "i8") if binary else getattr(space, "start", numpy.zeros_like(space.nvec))
            factors, start = ([int(number) for number in numbers.flat] for numbers in (self.factors, self.start))
            count = math.prod(factors)
            if not 1 <= count <= MOST_COMBINATIONS:
                raise TypeError(f"hindcast knows at most {MOST_COMBINATIONS} combinations of actions, and {space} has {count}")
            self.size = 1
            self.header = {"kind": "discrete", "count": count, "factors": factors, "start": start}
            return
        if not isinstance(space, gymnasium.spaces.Box) or not numpy.issubdtype(space.dtype, numpy.floating):
            raise TypeError(f"hindcast knows Discrete, MultiDiscrete and MultiBinary actions and Box actions of real numbers, not {space}")
        if not space.is_bounded():
            raise TypeError(f"hindcast knows bounded actions, not {space}; wrap it, for example in RescaleAction")
        self.low, self.high = space.low.ravel().astype("f8"), space.high.ravel().astype("f8")
        self.size = self.low.size
        # The shortest decimal number that is this bound: 0.4 rather than 0.4000000059604645.
        low, high = ([float(str(bound)) for bound in bounds.flat] for bounds in (space.low, space.high))
        self.header = {"kind": "box", "size": self.size, "low": low, "high": high}

    def of(self, numbers):
        if self.factors is not None:
            # An index counts in row-major order: the last number is the fastest.
            digits = self.unravel(int(numbers[0]), self.factors.ravel())
            return (self.start.ravel() + digits).astype(self.space.dtype).reshape(self.space.shape)
        if self.low is None:
            return self.space.start + int(numbers[0])
        return numbers.clip(self.low, self.high).astype(self.space.dtype).reshape(self.space.shape)


class Worlds:
    """The instances."""

    def __init__(self, hello):
        import gymnasium
        import numpy

        self.numpy, self.flatten = numpy, gymnasium.spaces.flatten
        made = [make(hello["environment"], hello["kwargs"]) for _ in range(hello["size"])]
        self.envs = [env for env, _ in made]
        self.space = self.envs[0].observation_space
        self.is_box = isinstance(self.space, gymnasium.spaces.Box)
        self.observation_size = int(gymnasium.spaces.flatdim(self.space))
        self.actions = Actions(self.envs[0].action_space)
        self.header = {
            "protocol": PROTOCOL,
            "observation_size": self.observation_size,
            "action": self.actions.header,
            "max_episode_steps": made[0][1],
            "versions": {"python": sys.version.split()[0]}
            | {name: sys.modules[name].__version__ for name in ("gymnasium", "numpy", "mujoco") if name in sys.modules},
        }

    def flat(self, observation):
        if not self.is_box:
            observation = self.flatten(self.space, observation)
        return self.numpy.asarray(observation, "<f4").reshape(self.observation_size)

    def reset(self, payload):
        instance, seed = struct.unpack("<II", payload)
        self.numpy.random.seed(seed)  # for what does not use the environment's own generator
        return self.flat(self.envs[instance].reset(seed=seed)[0]).tobytes()

    def step(self, payload):
        mask = self.numpy.frombuffer(payload, "u1", len(self.envs))
        instances = mask.nonzero()[0]
        actions = self.numpy.frombuffer(payload, "<f4", offset=len(mask)).reshape(len(instances), self.actions.size)
        rewards = self.numpy.empty(len(instances), "<f8")
        observations = self.numpy.empty((len(instances), self.observation_size), "<f4")
        flags = bytearray(len(instances))
        for row, instance in enumerate(instances):
            observation, reward, terminated, truncated, info = self.envs[instance].step(self.actions.of(actions[row]))
            observations[row] = self.flat(observation)
            rewards[row] = reward
            flags[row] = TERMINATED if terminated else TRUNCATED if truncated else 0
            success = info.get("success", info.get("is_success"))
            if success is not None:
                flags[row] |= KNOWN | SUCCESS if success else KNOWN
        return rewards.tobytes() + observations.tobytes() + flags


def one_line(error):
    return " ".join(f"{type(error).__name__}: {error}".split())[:2000]


def main():
    if os.getpgrp() != os.getpid():
        os.setsid()  # a group of its own: Ctrl-C is for whoever started this one
    pipes = Pipes()
    worlds = watch = None
    while (frame := pipes.read()) is not None:
        kind, payload = frame
        try:
            if kind == b"H":
                hello = json.loads(payload)
                if hello["protocol"] != PROTOCOL:
                    raise ValueError(f"this worker speaks protocol {PROTOCOL}, not {hello['protocol']}")
                watch = Watch(hello["patience"]["start"])
                sys.path[:1] = hello["path"]
                sys.path.append(os.getcwd())
                worlds = Worlds(hello)
                watch.patience = hello["patience"]["step"]
                answer = json.dumps(worlds.header).encode()
            else:
                answer = {b"R": worlds.reset, b"S": worlds.step}[kind](payload)
        except Exception as error:
            traceback.print_exc()
            kind, answer = b"E", one_line(error).encode()
        pipes.write(kind, answer)
    for env in worlds.envs if worlds else ():
        env.close()
    end()


if __name__ == "__main__":
    main()
