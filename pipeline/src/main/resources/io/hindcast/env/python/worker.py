"""hindcast's worker: several instances of one Gymnasium environment, driven over stdin and stdout.

Every message, both ways, is a frame: b"HCGY", kind (1 byte), length of the payload (u32), payload; all numbers little-endian.

    H  JSON: protocol, environment, kwargs, size, path, patience, ->  H  JSON: protocol, spaces, step limit, versions
       out_of_bounds
    R  instance (u32), seed (u32)                                 ->  R  observation (f32[o]), flags (u8, 128 or 0), possible actions
                                                                         (u8[n]) if it is 128, and a line of text if it is out of
                                                                         bounds
                                                                  or  B  one line of text: why there is none
    S  mask (u8[size]), actions (f32[k, a]) of the k masked ones  ->  S  rewards (f64[k]), observations (f32[k, o]), flags (u8[k]),
                                                                         possible actions (u8[m, n]) of the m rows of flag 128,
                                                                         and a line of text for each flag of 16 or 64
    any                                                           ->  E  one line of text: what Python raised

Flags: 1 terminated, 2 truncated, 4 it is known whether the step succeeded, 8 it did, 16 it is no answer, 32 the observation is out of
the bounds that its space declares, 64 it is the episode's first such one, 128 the environment says which of its n discrete actions are
possible next, in its info under action_mask. A line that says why there is no answer begins
with a letter: N a number is missing or not finite, W an observation is of another size, B it is out of bounds and out_of_bounds is
"refuse", O something else. That numbers are finite is left to whoever asked. A Discrete action is its index, as are MultiDiscrete and MultiBinary ones.
The worker ends when its stdin does, and when the process that started it is gone. On Linux it has a guard, its parent, which ends
with it whatever it started, in sessions of their own too.
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

PROTOCOL = 4
MAGIC = b"HCGY"
HEAD = struct.Struct("<4scI")
STEPS_WITHOUT_LIMIT = 1_000_000
MOST_COMBINATIONS = 4096
TERMINATED, TRUNCATED, KNOWN, SUCCESS, FAULTY, OUTSIDE, TOLD, MASKED = 1, 2, 4, 8, 16, 32, 64, 128
PR_SET_CHILD_SUBREAPER = 36
SECONDS_TO_END = 5
DECLARED = ", a bound that its space declares"
MARK = "HINDCAST_WORKER"  # what a worker starts inherits it


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
    kill(started(os.getpid()) - {os.getppid()})  # whatever the environments started
    os.killpg(0, signal.SIGKILL)


def started(ancestor):
    """The processes that a process started, and that these started, and that bear its mark; none where there is no /proc."""
    children = {}
    mark = f"{MARK}={os.environ.get(MARK)}".encode()
    found = []
    try:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return set()
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it is gone
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark in file.read().split(b"\0"):
                    found.append(pid)
        except OSError:
            pass  # somebody else's
        children.setdefault(parent, []).append(pid)
    generation = children.get(ancestor, [])
    while generation:
        found += generation
        generation = [child for pid in generation for child in children.get(pid, [])]
    return set(found) - {ancestor}


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass  # it is gone, or somebody else's


def guard():
    """
    Goes on as a child of this process, which stays behind to end with it whatever it leaves: a process whose parent ends becomes
    the guard's child, also one in a session of its own. Does nothing where the system has no such adoption.
    """
    try:
        import ctypes

        if not sys.platform.startswith("linux") or ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            return
    except (ImportError, OSError, AttributeError):
        return
    starter = os.getppid()
    heard = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    worker = os.fork()
    if worker == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)
        os.setsid()
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    status = None
    while status is None and os.getppid() == starter:
        told = signal.sigtimedwait(heard, 0.5)
        if told is not None and told.si_signo == signal.SIGTERM:
            break
        status = (reap() or {}).get(worker)
    limit = time.monotonic() + SECONDS_TO_END
    while time.monotonic() < limit:
        kill(started(os.getpid()))
        ended = reap()
        if status is None and ended is not None:
            status = ended.get(worker)
        if ended is None:
            break
        time.sleep(0.01)
    if status is None:
        os._exit(1)
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def reap():
    """How the children ended that did since; None if none is left."""
    ended = {}
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return ended
            ended[pid] = status
    except ChildProcessError:
        return ended or None


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
            self.header = {"type": "discrete", "count": int(space.n)}
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
            self.header = {"type": "discrete", "count": count, "factors": factors, "start": start}
            return
        if not isinstance(space, gymnasium.spaces.Box) or not numpy.issubdtype(space.dtype, numpy.floating):
            raise TypeError(f"hindcast knows Discrete, MultiDiscrete and MultiBinary actions and Box actions of real numbers, not {space}")
        if not space.is_bounded():
            raise TypeError(f"hindcast knows bounded actions, not {space}; wrap it, for example in RescaleAction")
        self.low, self.high = space.low.ravel().astype("f8"), space.high.ravel().astype("f8")
        self.size = self.low.size
        # The shortest decimal number that is this bound: 0.4 rather than 0.4000000059604645.
        low, high = ([float(str(bound)) for bound in bounds.flat] for bounds in (space.low, space.high))
        self.header = {"type": "continuous", "dimension": self.size, "low": low, "high": high}

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
        self.refuses = hello["out_of_bounds"] == "refuse"
        self.told = [False] * len(self.envs)
        flat = gymnasium.spaces.flatten_space(self.space)
        with numpy.errstate(over="ignore"):
            # As observations are sent: rounding keeps an order, so that what is within its bounds stays there.
            self.low, self.high = flat.low.astype("<f4"), flat.high.astype("<f4")
        self.is_bounded = bool(numpy.isfinite(self.low).any() or numpy.isfinite(self.high).any())
        self.header = {
            "protocol": PROTOCOL,
            "observation_size": self.observation_size,
            "action": self.actions.header,
            "max_episode_steps": made[0][1],
            "versions": {"python": sys.version.split()[0]}
            | {name: sys.modules[name].__version__ for name in ("gymnasium", "numpy", "mujoco") if name in sys.modules},
        }

    def flat(self, observation):
        if self.is_box:
            array = self.numpy.asarray(observation)
            if array.dtype.kind not in "fiub":
                require_numbers(array)
            if array.size != self.observation_size:
                raise Bad("W", f"the observation is of shape {array.shape}, not {self.space.shape}")
            return self.numpy.asarray(array, "<f4").reshape(self.observation_size)
        self.require(observation, self.space, "the observation")
        return self.numpy.asarray(self.flatten(self.space, observation), "<f4").reshape(self.observation_size)

    def require(self, value, space, name):
        """Raises Bad where a part of an observation is none: flattened, it might look like one."""
        import gymnasium.spaces as known

        numpy = self.numpy
        if isinstance(space, known.Dict):
            for key, part in space.spaces.items():
                if not hasattr(value, "keys") or key not in value:
                    raise Bad("O", f"{name} has no {key!r}: {shown(value)}")
                self.require(value[key], part, f"{name}[{key!r}]")
        elif isinstance(space, known.Tuple):
            if not isinstance(value, (tuple, list)) or len(value) != len(space.spaces):
                raise Bad("W", f"{name} is no tuple of {len(space.spaces)}: {shown(value)}")
            for i, part in enumerate(space.spaces):
                self.require(value[i], part, f"{name}[{i}]")
        elif isinstance(space, (known.Box, known.Discrete, known.MultiDiscrete, known.MultiBinary)):
            array = numpy.asarray(value)
            if array.dtype.kind not in "fiub":
                require_numbers(array, name)
                array = array.astype("f8")
            size = int(numpy.prod(space.shape)) if space.shape else 1
            if array.size != size:
                raise Bad("W", f"{name} is of shape {array.shape}, not {space.shape}")
            if array.dtype.kind == "f" and not numpy.isfinite(array).all():
                raise Bad("N", f"{name} is not finite: {shown(value)}")
            if isinstance(space, known.Box):
                return
            array = array.reshape(space.shape)
            low = getattr(space, "start", 0)
            count = 2 if isinstance(space, known.MultiBinary) else space.n if isinstance(space, known.Discrete) else space.nvec
            if not ((array >= low) & (array < low + count) & (array == numpy.floor(array))).all():
                raise Bad("O", f"{name} is {shown(value)}, which {space} does not hold")
        elif not space.contains(value):
            raise Bad("O", f"{name} is {shown(value)}, which {space} does not hold")

    def outside(self, observations):
        """The rows that are out of the bounds of their space; those that are not finite are no observations."""
        if not self.is_bounded:
            return ()
        rows = ((observations < self.low) | (observations > self.high)).any(axis=1).nonzero()[0]
        return [int(row) for row in rows if self.numpy.isfinite(observations[row]).all()]

    def where(self, observation):
        entry = int(((observation < self.low) | (observation > self.high)).argmax())
        value, low, high = observation[entry], self.low[entry], self.high[entry]
        return f"observation[{entry}] is {value!s}, " + (f"below {low!s}" if value < low else f"above {high!s}")

    def reset(self, payload):
        instance, seed = struct.unpack("<II", payload)
        self.numpy.random.seed(seed)  # for what does not use the environment's own generator
        try:
            given = self.envs[instance].reset(seed=seed)
            if not isinstance(given, (tuple, list)) or len(given) != 2:
                raise Bad("O", f"reset gave {shown(given)}, not an observation and an info")
            observation = self.flat(given[0])
            self.told[instance] = len(self.outside(observation[None])) > 0
            if self.told[instance] and self.refuses:
                raise Bad("B", self.where(observation) + DECLARED)
            possible = self.possible(given[1])
            said = self.where(observation).encode() if self.told[instance] else b""
            return b"R", observation.tobytes() + (b"\0" if possible is None else bytes([MASKED]) + possible) + said
        except Exception as error:
            return b"B", why(error).encode()

    def possible(self, info, over=False):
        """A byte for each discrete action, 1 if it is possible now; None if the environment does not say it, or nothing follows."""
        count = self.actions.header.get("count")
        given = info.get("action_mask") if count and hasattr(info, "get") else None
        if given is None:
            return None
        factors = self.actions.factors
        if factors is not None and isinstance(given, (tuple, list)) and len(given) == factors.size:
            # As Gymnasium samples of MultiDiscrete: a mask for each number, and any combination of what they allow.
            flags = self.numpy.ones(1, bool)
            for part, length in zip(given, factors.flat):
                flags = self.numpy.logical_and.outer(flags, self.flags(part, length)).ravel()
        else:
            flags = self.flags(given, count)
        if flags.any():
            return flags.astype("u1").tobytes()
        if over:
            return None
        raise Bad("O", "action_mask allows no action")

    def flags(self, given, count):
        array = self.numpy.asarray(given)
        if array.size != count:
            raise Bad("W", f"action_mask has {array.size} entries, not {count}")
        if array.dtype.kind not in "biuf" or not ((array == 0) | (array == 1)).all():
            raise Bad("O", f"action_mask is {shown(given)}, not ones and zeros")
        return array.astype(bool).ravel()

    def step(self, payload):
        mask = self.numpy.frombuffer(payload, "u1", len(self.envs))
        instances = mask.nonzero()[0]
        actions = self.numpy.frombuffer(payload, "<f4", offset=len(mask)).reshape(len(instances), self.actions.size)
        rewards = self.numpy.zeros(len(instances), "<f8")
        observations = self.numpy.zeros((len(instances), self.observation_size), "<f4")
        flags = bytearray(len(instances))
        lines = {}
        masks = {}
        for row, instance in enumerate(instances):
            try:
                given = self.envs[instance].step(self.actions.of(actions[row]))
                if not isinstance(given, (tuple, list)) or len(given) != 5:
                    raise Bad("O", f"step gave {shown(given)}, not an observation, a reward, two flags and an info")
                observation, reward, terminated, truncated, info = given
                observations[row] = self.flat(observation)
                if type(reward) is not float:
                    reward = number(reward)
                rewards[row] = reward
                flags[row] = TERMINATED if flag(terminated, "terminated") else 0
                if flag(truncated, "truncated") and not flags[row]:
                    flags[row] = TRUNCATED
                success = info.get("success", info.get("is_success"))
                if success is not None and success == success:
                    flags[row] |= KNOWN | SUCCESS if success else KNOWN
                possible = self.possible(info, flags[row] & (TERMINATED | TRUNCATED))
                if possible is not None:
                    flags[row] |= MASKED
                    masks[row] = possible
            except Exception as error:
                flags[row] = FAULTY
                lines[row] = why(error)
        for row in self.outside(observations):
            if flags[row] & FAULTY:
                continue
            if self.refuses:
                flags[row] = FAULTY
                lines[row] = why(Bad("B", self.where(observations[row]) + DECLARED))
                continue
            flags[row] |= OUTSIDE
            if not self.told[instances[row]]:
                self.told[instances[row]] = True
                flags[row] |= TOLD
                lines[row] = self.where(observations[row])
        possible = b"".join(masks[row] for row in sorted(masks) if flags[row] & MASKED)
        said = "\n".join(lines[row] for row in sorted(lines))
        return b"S", rewards.tobytes() + observations.tobytes() + flags + possible + said.encode()


class Bad(Exception):
    """What an environment said is no answer; `kind` is a letter."""

    def __init__(self, kind, words):
        super().__init__(words)
        self.kind = kind


def why(error):
    """A fault in a line."""
    if isinstance(error, Bad):
        return f"{error.kind} " + plain(str(error))
    traceback.print_exc()
    return "O the environment raised " + one_line(error)


def shown(value):
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."


def require_numbers(array, name="the observation"):
    """Raises Bad unless an array, of a type that is no number's, holds numbers only."""
    if array.dtype.kind == "O" and any(entry is None for entry in array.flat):
        raise Bad("N", f"{name} is {'None' if array.size == 1 else 'None in part'}: {shown(array.tolist())}")
    if array.dtype.kind != "O" or any(isinstance(entry, (str, bytes, complex)) for entry in array.flat):
        raise Bad("O", f"{name} is {shown(array.tolist())}, no numbers")


def number(reward):
    if reward is None:
        raise Bad("N", "the reward is None")
    if isinstance(reward, (str, bytes)) or getattr(reward, "size", 1) != 1:
        raise Bad("O", f"the reward is {shown(reward)}, not a number")
    if hasattr(reward, "item"):
        reward = reward.item()
    try:
        return float(reward)
    except OverflowError:
        return math.inf if reward > 0 else -math.inf
    except (TypeError, ValueError):
        raise Bad("N" if reward is None else "O", f"the reward is {shown(reward)}, not a number") from None


def flag(value, name):
    if value is True or value is False:
        return value
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    if isinstance(value, (bool, int, float)) and value in (0, 1):
        return bool(value)
    raise Bad("N" if value is None else "O", f"{name} is {shown(value)}, neither true nor false")


def plain(text):
    """One line without what moves a terminal's cursor or changes its colours."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(text.split()))[:2000]


def one_line(error):
    return plain(f"{type(error).__name__}: {error}")


def main():
    if os.getpgrp() != os.getpid():
        os.setsid()  # a group of its own: Ctrl-C is for whoever started this one
    guard()
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
                kind, answer = {b"R": worlds.reset, b"S": worlds.step}[kind](payload)
        except Exception as error:
            traceback.print_exc()
            kind, answer = b"E", one_line(error).encode()
        pipes.write(kind, answer)
    for env in worlds.envs if worlds else ():
        env.close()
    end()


if __name__ == "__main__":
    main()
