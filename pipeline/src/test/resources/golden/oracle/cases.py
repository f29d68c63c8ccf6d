"""The cases that make.py draws: values that the fixtures in the folder above do not have."""

import numpy as np


def net(*hidden, activation="relu", norm=None, epsilon=1e-5):
    """`norm` is where layers are normalised: before or after the activation."""
    shape = {"hidden_sizes": list(hidden), "activation": activation if hidden else None, "layer_norm": norm is not None}
    if norm:
        shape |= {"layer_norm_place": f"{norm}-activation", "layer_norm_epsilon": epsilon}
    return shape


def adam(rate, limit=None, epsilon=1e-8, betas=(0.9, 0.999), decay=None):
    """`decay` is AdamW's: rate * decay * parameter goes from every parameter in every step."""
    settings = {
        "learning_rate": rate,
        "adam_beta1": betas[0],
        "adam_beta2": betas[1],
        "adam_epsilon": epsilon,
        "max_gradient_norm": limit,
    }
    return settings if decay is None else {**settings, "weight_decay": decay}


def case(algorithm, networks, optimizers, rows, **config):
    """`rows` of each step's batch; `actions` real ones, or that many to choose from if `discrete`."""
    return dict(algorithm=algorithm, networks=networks, optimizers=optimizers, rows=rows, config=config)


GAUSSIAN = {"log_std_min": -2.0, "log_std_max": 0.5}
SQUASHED = {"log_std_min": -1.5, "log_std_max": 0.25}
IQL = {"discount": 0.9, "temperature": 0.8, "max_weight": 1.4, "target_rate": 0.03, "expectile": 0.7}
DELAYED = {"discount": 0.97, "target_rate": 0.08, "policy_noise": 0.3, "noise_clip": 0.4}

CASES = {
    "bc-gaussian-norm-after": case(
        "bc",
        {"actor": net(5, 6, activation="gelu", norm="after", epsilon=1e-3)},
        {"actor": adam(0.01, 0.7, decay=0.1)},
        [3, 1, 4, 2],
        actions=2,
        **GAUSSIAN,
    ),
    "bc-categorical-no-hidden": case(
        "bc", {"actor": net()}, {"actor": adam(0.02, epsilon=1e-5)}, [1, 1, 3], discrete=4, masks=True
    ),
    "awac-gaussian-norm": case(
        "awac",
        {"actor": net(4, 5, norm="before"), "critic": net(5, 4, activation="gelu", norm="after", epsilon=1e-6)},
        {"critic": adam(0.004, 2.0, decay=0.02), "actor": adam(0.006, 0.3, epsilon=1e-5)},
        [4, 4, 4],
        actions=2,
        num_critics=3,
        discount=0.96,
        temperature=0.6,
        max_weight=1.3,
        target_rate=0.2,
        **GAUSSIAN,
    ),
    "awac-categorical-batch-of-1": case(
        "awac",
        {"actor": net(5, activation="tanh", norm="after"), "critic": net(6, activation="gelu", norm="before")},
        {"critic": adam(0.01), "actor": adam(0.01, decay=0.3)},
        [1, 1, 1, 1],
        discrete=3,
        masks=True,
        num_critics=1,
        discount=0.9,
        temperature=0.9,
        max_weight=1.2,
        target_rate=0.5,
    ),
    "awr-gaussian-norm": case(
        "awr",
        {"actor": net(5, 4, activation="gelu", norm="before"), "value": net(6, norm="after", epsilon=1e-6)},
        {"value": adam(0.01, 1.0, decay=0.05), "actor": adam(0.004, epsilon=1e-5, betas=(0.7, 0.95))},
        [4, 2, 3],
        actions=3,
        discount=0.95,
        temperature=0.9,
        max_weight=1.4,
        **GAUSSIAN,
    ),
    "awr-categorical-gelu": case(
        "awr",
        {"actor": net(5, activation="gelu", norm="after"), "value": net(5, 4, 5, activation="gelu")},
        {"value": adam(0.006), "actor": adam(0.006, 0.4, decay=0.01)},
        [4, 4, 4],
        discrete=3,
        masks=True,
        discount=0.8,
        temperature=1.2,
        max_weight=1.3,
    ),
    "iql-simultaneous": case(
        "iql",
        {
            "actor": net(5, 4, activation="gelu", norm="after", epsilon=1e-6),
            "value": net(5, 5, activation="gelu", norm="before"),
            "critic": net(6, 4, activation="gelu", norm="after", epsilon=1e-6),
        },
        {"value": adam(0.005, decay=0.02), "actor": adam(0.003, 1.0), "critic": adam(0.004, epsilon=1e-5)},
        [4, 4, 4],
        actions=2,
        num_critics=2,
        order="simultaneous",
        **IQL,
        **GAUSSIAN,
    ),
    "iql-simultaneous-mask": case(
        "iql",
        {"actor": net(5), "value": net(4, norm="before"), "critic": net(5, norm="before", epsilon=1e-3)},
        {"value": adam(0.01), "actor": adam(0.01), "critic": adam(0.01, decay=0.1)},
        [4, 1, 3],
        discrete=4,
        masks=True,
        num_critics=3,
        order="simultaneous",
        **IQL,
    ),
    "iql-ddpg-bc": case(
        "iql",
        {"actor": net(5, 5, activation="gelu"), "value": net(5, norm="after"), "critic": net(5, 4, norm="after")},
        {"value": adam(0.005), "actor": adam(0.003), "critic": adam(0.004)},
        [4, 4, 4],
        actions=2,
        num_critics=2,
        extraction="ddpg-bc",
        bc_coefficient=0.3,
        std=0.7,
        **IQL,
        **GAUSSIAN,
    ),
    "dqn-norm": case(
        "dqn",
        {"critic": net(6, 5, activation="gelu", norm="after", epsilon=1e-6)},
        {"critic": adam(0.01, 0.8, epsilon=1e-5, decay=0.05)},
        [4, 3, 4, 1],
        discrete=4,
        masks=True,
        double_q=False,
        num_critics=1,
        discount=0.99,
        target_period=3,
    ),
    "cql-discrete-norm": case(
        "cql",
        {"critic": net(5, 6, 4, activation="tanh", norm="before")},
        {"critic": adam(0.006, 0.9, decay=0.02)},
        [4, 4, 4],
        discrete=3,
        masks=True,
        double_q=False,
        num_critics=1,
        discount=0.9,
        target_period=1,
        alpha=1.7,
    ),
    "cql-continuous-norm": case(
        "cql",
        {"actor": net(5, 4, norm="before"), "critic": net(5, 5, activation="gelu", norm="after")},
        {"critic": adam(0.003, 4.0, decay=0.03), "actor": adam(0.002, 0.5, epsilon=1e-5)},
        [3, 2, 3],
        actions=2,
        num_critics=2,
        discount=0.95,
        alpha=0.7,
        num_actions=2,
        entropy_coefficient=0.2,
        target_rate=0.06,
        **SQUASHED,
    ),
    "calql-norm": case(
        "calql",
        {"actor": net(5, activation="gelu", norm="after"), "critic": net(5, 4, norm="before", epsilon=1e-6)},
        {
            "entropy_coefficient": adam(0.01, 0.4),
            "actor": adam(0.004, 0.8, decay=0.04),
            "critic": adam(0.003, 5.0, decay=0.02),
            "multiplier": adam(0.02, epsilon=1e-5),
        },
        [3, 4, 1],
        actions=2,
        num_critics=2,
        discount=0.98,
        alpha=1.5,
        num_actions=2,
        target_entropy=-1.0,
        lagrange=True,
        target_action_gap=0.5,
        logsumexp_temperature=1.4,
        difference_min=0.5,
        target_rate=0.04,
        **SQUASHED,
    ),
    "bcq-discrete-norm": case(
        "bcq",
        {"critic": net(5, 4, activation="gelu", norm="before"), "imitation": net(5, norm="after")},
        {"critic": adam(0.01, decay=0.05), "imitation": adam(0.005, 0.6, epsilon=1e-5)},
        [4, 2, 4],
        discrete=4,
        masks=True,
        num_critics=1,
        discount=0.9,
        threshold=0.25,
        logit_penalty=0.05,
        target_period=3,
    ),
    "td3-bc-norm": case(
        "td3-bc",
        {"actor": net(5, 4, activation="gelu", norm="after"), "critic": net(5, 5, activation="tanh", norm="before")},
        {"critic": adam(0.005, 3.0), "actor": adam(0.003, 0.5, decay=0.05)},
        [3, 4, 2],
        actions=2,
        num_critics=2,
        alpha=1.3,
        policy_delay=3,
        **DELAYED,
    ),
    "rebrac-every-step": case(
        "rebrac",
        {"actor": net(5, 4, 4, norm="after"), "critic": net(4, 5, 4, activation="gelu", norm="after", epsilon=1e-6)},
        {"critic": adam(0.004, 3.0), "actor": adam(0.003, decay=0.02)},
        [4, 4, 3],
        actions=2,
        num_critics=2,
        actor_bc_coefficient=0.2,
        critic_bc_coefficient=0.15,
        policy_delay=1,
        actor_target="after",
        **DELAYED,
    ),
    "rebrac-every-third-step": case(
        "rebrac",
        {"actor": net(4, 5, 4), "critic": net(5, 4, 4, norm="before", epsilon=1e-3)},
        {"critic": adam(0.004, epsilon=1e-5), "actor": adam(0.003, 0.5)},
        [3, 3, 3, 3],
        actions=2,
        num_critics=1,
        actor_bc_coefficient=0.01,
        critic_bc_coefficient=0.5,
        policy_delay=3,
        actor_target="before",
        **DELAYED,
    ),
    "redq-gelu": case(
        "redq-actor-critic",
        {"actor": net(4, activation="gelu", norm="after"), "critic": net(4, 4, activation="gelu", norm="after")},
        {"critic": adam(0.004, 2.0, decay=0.03), "actor": adam(0.004, 0.3)},
        [3, 4, 1, 3],
        types=["critic", "actor", "behavior-cloning", "critic"],
        actions=2,
        num_critics=3,
        discount=0.9,
        std=0.2,
        noise_clip=0.25,
        target_rate=0.15,
    ),
    "rnd-norm": case(
        "rnd",
        {"predictor": net(5, activation="gelu", norm="before"), "random_target": net(4, 5, norm="after")},
        {"predictor": adam(0.01, 0.5, decay=0.1)},
        [4, 3, 1],
        actions=1,
        normalization_epsilon=0.01,
    ),
    "fqe-norm": case(
        "fqe",
        {"policy": net(5, activation="gelu", norm="after"), "critic": net(5, 4, activation="gelu", norm="before")},
        {"critic": adam(0.006, 1.0, decay=0.02)},
        [3, 4, 1],
        actions=2,
        num_critics=1,
        discount=0.92,
        target_rate=0.1,
        **GAUSSIAN,
    ),
}

OBSERVED = 3
FEATURES = 3
HEADS = {"awac": "gaussian", "awr": "gaussian", "bc": "gaussian", "iql": "gaussian"}
HEADS |= {"cql": "squashed-gaussian", "calql": "squashed-gaussian"}
HEADS |= {"td3-bc": "tanh-action", "rebrac": "tanh-action", "redq-actor-critic": "tanh-action"}


def architectures(algorithm, networks, config, n, is_discrete):
    """Every network's shape; targets are like what they follow."""
    copies = range(config.get("num_critics", 0))
    shapes = {}
    for kind, shape in networks.items():
        inputs, head, outputs = ["observation"], "scalar", 1
        if kind in ("actor", "policy", "imitation"):
            head = "logits" if is_discrete else HEADS.get(algorithm, "gaussian")
            outputs = 2 * n if head == "squashed-gaussian" else n
        elif kind == "critic":
            inputs, head, outputs = (["observation"], "action-values", n) if is_discrete else (["observation", "action"], head, 1)
        elif kind in ("predictor", "random_target"):
            head, outputs = "features", FEATURES
        size = OBSERVED + (n if "action" in inputs else 0)
        made = {"inputs": inputs, "input_size": size, **shape, "output_size": outputs, "head": head}
        names = [kind]
        if kind == "critic":
            names = [f"{prefix}critic_{i}" for prefix in ("", "target_") for i in copies]
        elif kind == "actor" and algorithm in ("td3-bc", "rebrac"):
            names = ["actor", "target_actor"]
        shapes.update({name: made for name in names})
    if algorithm == "calql":
        for name in ["log_entropy_coefficient"] + ["log_multiplier"] * config["lagrange"]:
            shapes[name] = {"inputs": [], "output_size": 1, "head": "parameter"}
    return shapes


def three(values):
    """Few digits, which keep the files small."""
    return np.round(values, 3).tolist()


def parameters(shape, random):
    if shape["head"] == "parameter":
        return {"value": three(random.normal(0, 0.4, 1))}
    sizes = [shape["input_size"], *shape["hidden_sizes"], shape["output_size"]]
    layers = [
        {"weight": three(random.normal(0, 1.2 / np.sqrt(below), (above, below))), "bias": three(random.normal(0, 0.2, above))}
        for below, above in zip(sizes, sizes[1:])
    ]
    made = {"layers": layers}
    if shape["layer_norm"]:
        made["layer_norm"] = [
            {"gain": three(random.normal(1, 0.2, size)), "bias": three(random.normal(0, 0.2, size))} for size in sizes[1:-1]
        ]
    if shape["head"] == "gaussian":
        made["log_std"] = three(random.uniform(-1.2, 0.3, shape["output_size"]))
        if random.random() < 0.5:
            made["log_std"][0] = float(random.choice([-2.4, 0.8]))  # beyond the bounds: no gradient
    return made


def mask(rows, n, chosen, random):
    """The chosen actions are allowed, and in the first of several rows nothing else."""
    allowed = (random.random((rows, n)) < 0.6).astype(int)
    if rows > 1:
        allowed[0] = 0
    if chosen is None:
        chosen = random.integers(0, n, rows)
    allowed[np.arange(rows), chosen] = 1
    return allowed


def batch(given, step, rows, random):
    """One row is terminated and another truncated; a batch of one row takes turns."""
    config, n = given["config"], given["n"]
    ends = random.permutation(rows)
    terminated, truncated = np.zeros(rows, int), np.zeros(rows, int)
    if rows > 1 or step % 3 == 1:
        terminated[ends[0]] = 1
    if rows > 1 or step % 3 == 2:
        truncated[ends[-1]] = 1
    is_known = 1 - terminated - truncated
    if given["discrete"]:
        actions = random.integers(0, n, rows)
    else:
        actions = np.round(random.uniform(-0.95, 0.95, (rows, n)), 3)
    made = {
        "observations": three(random.normal(0, 1, (rows, OBSERVED))),
        "actions": actions.tolist(),
        "rewards": three(random.normal(0, 1, rows)),
        "next_observations": three(random.normal(0, 1, (rows, OBSERVED))),
        "terminated": terminated.tolist(),
        "truncated": truncated.tolist(),
    }
    if config.get("masks"):
        following = np.where(is_known[:, None], mask(rows, n, None, random), 1)
        made["action_mask"] = mask(rows, n, actions, random).tolist()
        made["next_action_mask"] = following.tolist()
    if given["algorithm"] == "rebrac":
        following = np.where(is_known[:, None], random.uniform(-0.95, 0.95, (rows, n)), 7)  # 7: must not enter
        made["next_actions"] = three(following)
        made["next_action_known"] = is_known.tolist()
    if given["algorithm"] == "calql":
        made["return_to_go"] = three(random.normal(0, 1.5, rows))
    return made


def noise(given, kind, rows, random):
    config, n, algorithm = given["config"], given["n"], given["algorithm"]
    if given["discrete"]:
        return {}

    def normal(*names, each=()):
        return {name: three(random.normal(0, 1, (rows, *each, n))) for name in names}

    if algorithm == "awac":
        return normal("next_action", "policy_action")
    if algorithm in ("td3-bc", "rebrac"):
        return normal("target_policy")
    if algorithm == "fqe":
        return normal("next_action")
    if kind == "critic":
        return {**normal("next_action"), "critic_indices": random.permutation(config["num_critics"])[:2].tolist()}
    if kind == "actor":
        return normal("action")
    if algorithm in ("cql", "calql"):
        k = config["num_actions"]
        drawn = normal("policy_actions", "next_policy_actions", each=(k,))
        drawn |= {"uniform_actions": three(random.uniform(-1, 1, (rows, k, n)))} | normal("actor_action")
        return drawn | (normal("next_action") if algorithm == "cql" else normal("target_actions", each=(k,)))
    return {}


def draw(case, random):
    """A fixture without what is expected."""
    config = dict(case["config"])
    n = config.get("discrete") or config["actions"]
    is_discrete = "discrete" in config
    given = {"algorithm": case["algorithm"], "config": config, "n": n, "discrete": is_discrete}
    shapes = architectures(case["algorithm"], case["networks"], config, n, is_discrete)
    networks = {name: parameters(shape, random) for name, shape in shapes.items()}
    steps = []
    for step, rows in enumerate(case["rows"]):
        kind = {"type": config["types"][step]} if "types" in config else {}
        drawn = {"batch": batch(given, step, rows, random), "noise": noise(given, kind.get("type"), rows, random)}
        steps.append({**kind, **drawn})
    optimizers = {name: {"networks": trained(name, shapes), **settings} for name, settings in case["optimizers"].items()}
    settings = {name: value for name, value in config.items() if name not in ("actions", "discrete", "masks", "types")}
    space = {"type": "discrete", "count": n} if is_discrete else {"type": "continuous", "dimension": n}
    return {
        "algorithm": case["algorithm"],
        "action_space": space,
        "observation_dimension": OBSERVED,
        "config": {**settings, "optimizers": optimizers},
        "architecture": shapes,
        "networks": networks,
        "steps": steps,
    }


def trained(optimiser, shapes):
    if optimiser == "critic":
        return [name for name in shapes if name.startswith("critic_")]
    return [f"log_{optimiser}" if f"log_{optimiser}" in shapes else optimiser]
