"""Fixtures of learning updates with values of our own, in the form of those in the folder above.

python make.py [NAME ...]       writes the fixtures of cases.py (or only these) beside this file
python make.py check FILE ...   computes again what each FILE expects, from its own inputs, and says how far it is off

With JAX 0.10.2 (pip install jax==0.10.2). A case is drawn again until single precision is well posed, see `is_well_posed`.
"""

import json
import pathlib
import sys
import zlib

import jax.numpy as jnp
import numpy as np
from cases import CASES, draw
from updates import Run

HERE = pathlib.Path(__file__).parent
DIGITS = 9


def plain(node):
    """As JSON has it."""
    if isinstance(node, dict):
        return {name: plain(item) for name, item in node.items()}
    if isinstance(node, list):
        return [plain(item) for item in node]
    return np.asarray(node).tolist()


def expected(fixture, dtype=jnp.float64):
    run = Run(fixture, dtype)
    return [plain(run.step(step)) for step in fixture["steps"]]


def numbers(node, path=""):
    """Every number by its path."""
    if isinstance(node, dict):
        for name, item in node.items():
            yield from numbers(item, f"{path}/{name}")
    elif isinstance(node, list):
        for i, item in enumerate(node):
            yield from numbers(item, f"{path}/{i}")
    else:
        yield path, float(node)


def errors(actual, wanted):
    """The error of every number of `wanted` by its path, relative to max(1, |wanted|)."""
    found = dict(numbers(actual))
    wanted = dict(numbers(wanted))
    return {path: abs(found[path] - value) / max(1, abs(value)) for path, value in wanted.items()}


def check(file):
    fixture = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    wanted = [step["expected"] for step in fixture["steps"]]
    off = errors(expected(fixture), wanted)
    worst = max(off, key=off.get)
    print(f"{fixture['name']}: {len(off)} numbers, largest error {off[worst]:.1e} at {worst}")
    return off[worst] < 1e-8  # they are written with 9 digits


def nudged(node, random):
    """Parameters, rewards and the like moved by one part in 100,000; flags, indices and noise as they are."""
    if isinstance(node, dict):
        kept = ("actions", "terminated", "truncated", "next_action_known", "action_mask", "next_action_mask")
        return {name: item if name in kept else nudged(item, random) for name, item in node.items()}
    if isinstance(node, list):
        return [nudged(item, random) for item in node]
    return node * (1 + 1e-5 * random.uniform(-1, 1)) + 1e-6 * random.uniform(-1, 1)


def is_well_posed(fixture, wanted):
    """No number is far off in single precision, and none jumps when all inputs are nudged: no tie, no edge, no tiny gradient is near."""
    random = np.random.default_rng(0)
    for _ in range(2):
        steps = [{**step, "batch": nudged(step["batch"], random)} for step in fixture["steps"]]
        near = {**fixture, "networks": nudged(fixture["networks"], random), "steps": steps}
        if max(errors(expected(near), wanted).values()) > 1e-3:
            return False
    return max(errors(expected(fixture, jnp.float32), wanted).values()) < 2e-6


def has_both(wanted, fixture):
    """Weights on both sides of their limit, where there are weights."""
    limit = fixture["config"].get("max_weight")
    weights = [w for step in wanted for w in step["intermediates"].get("weight", [])]
    return not weights or min(weights) < limit <= max(weights)


def deviation(fixture, wanted):
    single = expected(fixture, jnp.float32)
    groups = wanted[0].keys()
    return {
        group: float(f"{max(errors([s[group] for s in single], [s[group] for s in wanted]).values()):.1e}")
        for group in groups
    }


def rounded(node):
    if isinstance(node, dict):
        return {name: rounded(item) for name, item in node.items()}
    if isinstance(node, list):
        return [rounded(item) for item in node]
    return float(f"{node:.{DIGITS}g}") if isinstance(node, float) else int(node)


def write(name):
    for attempt in range(200):
        fixture = draw(CASES[name], np.random.default_rng([zlib.crc32(name.encode()), attempt]))
        wanted = expected(fixture)
        if has_both(wanted, fixture) and is_well_posed(fixture, wanted):
            break
    else:
        raise SystemExit(f"Cannot make {name}: no draw of 200 is well posed")
    fixture = {"name": name, **fixture, "float32_deviation": deviation(fixture, wanted)}
    for step, result in zip(fixture["steps"], wanted):
        step["expected"] = rounded(result)
    fixture["steps"] = fixture.pop("steps")
    text = json.dumps(fixture, separators=(",", ":")).replace('},"', '},\n"').replace('},{"', '},\n{"')
    (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"{name}: draw {attempt + 1}, {len(text) // 1024} kB, float32 {fixture['float32_deviation']}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        raise SystemExit(not all([check(file) for file in sys.argv[2:]]))
    for case in sys.argv[1:] or CASES:
        write(case)
