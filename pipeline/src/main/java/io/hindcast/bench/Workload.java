package io.hindcast.bench;

import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A size at which speed is compared with other libraries: the network sizes, batch and settings that those are measured with.
 *
 * @param name as in tables
 * @param spaces observations and actions
 * @param batchSize rows of a batch
 * @param critics how many critics an ensemble has
 * @param hidden hidden layers of critics and value functions
 * @param actorHidden hidden layers of the policy
 * @param activation of the policy
 * @param learners what is measured
 */
record Workload(
        String name,
        Spaces spaces,
        int batchSize,
        int critics,
        List<Integer> hidden,
        List<Integer> actorHidden,
        String activation,
        List<String> learners) {
    private static final int CQL_ACTIONS = 10;
    private static final int SOURCES = 3;
    private static final int ACTOR_CRITICS = 10;
    private static final Spaces ANT = new Spaces(29, new ActionSpace.Continuous(8, -1, 1));

    /** All, by name. */
    static final Map<String, Workload> ALL = new LinkedHashMap<>();

    static {
        var wide = List.of(256, 256);
        var small = List.of(64, 64);
        add(new Workload(
                "antmaze",
                ANT,
                256,
                2,
                wide,
                wide,
                "relu",
                List.of("behaviour-cloning", "iql", "awac", "awr", "td3-bc", "cql-continuous", "actor-critic")));
        add(new Workload(
                "grid",
                new Spaces(2, new ActionSpace.Discrete(5)),
                128,
                1,
                small,
                small,
                "relu",
                List.of("behaviour-cloning", "dqn", "cql-discrete", "iql", "awac", "awr")));
        add(new Workload("course", ANT, 256, 2, wide, List.of(512, 512, 512, 512), "tanh", List.of("iql", "awac")));
    }

    private static void add(Workload workload) {
        ALL.put(workload.name, workload);
    }

    /** The settings of a learner, as a conf file would say them. */
    String settings(String learner) {
        var critic = "{ hidden-layers = " + hidden + " }";
        var actor = "{ hidden-layers = " + actorHidden + ", activation = " + activation + " }";
        var weighted = "discount = 0.99, max-weight = 100, actor = " + actor;
        return switch (learner) {
            case "behaviour-cloning" -> "actor = " + actor;
            case "iql" ->
                weighted + ", temperature = 0.1, order = simultaneous, critics = " + critics + ", critic = " + critic
                        + ", value = " + critic;
            case "awac" -> weighted + ", temperature = 1, critics = " + critics + ", critic = " + critic;
            case "awr" -> weighted + ", temperature = 1, value = " + critic;
            case "dqn" -> "double-q = false, target-rate = 0.005, target-period = 1, critic = " + critic;
            case "cql-discrete" ->
                "double-q = false, target-rate = 0.005, target-period = 1, alpha = 1, critic = " + critic;
            case "cql-continuous" -> "num-actions = " + CQL_ACTIONS + ", actor = " + actor + ", critic = " + critic;
            case "td3-bc" -> "policy-delay = 2, actor = " + actor + ", critic = " + critic;
            case "actor-critic" ->
                "cloning-period = 0, update-to-data = 1, critics = " + ACTOR_CRITICS + ", actor = " + actor
                        + ", critic = { hidden-layers = " + hidden + ", layer-norm = true }";
            default -> throw new IllegalArgumentException("Cannot measure " + learner + ": no such learner");
        };
    }

    /**
     * Floating-point operations that an update cannot do without: of the products alone, 2 for each multiply-add. A forward pass
     * is {@code 2 B sum(in out)}, the weights' gradient the same again, the inputs' gradient the same less the first layer; where
     * a policy is improved through a critic, the gradient in the actions counts. Averaged over updates.
     */
    double usefulFlops(String learner) {
        var continuous = spaces.actions() instanceof ActionSpace.Continuous;
        var d = spaces.observationSize();
        var n = spaces.actions().size();
        var q = continuous ? new Shape(d + n, hidden, 1) : new Shape(d, hidden, n);
        var v = new Shape(d, hidden, 1);
        var pi = new Shape(d, actorHidden, n);
        var squashed = new Shape(d, actorHidden, 2 * n);
        var pair = critics;
        var perRow = switch (learner) {
            case "behaviour-cloning" -> pi.train();
            case "iql" -> pair * q.size() + v.size() + v.train() + pair * q.train() + pi.train();
            case "awac" ->
                pi.size() + pair * q.size() + pair * q.train() + pi.train() + (continuous ? 2 : 1) * pair * q.size();
            case "awr" -> v.size() + v.train() + pi.train();
            case "dqn", "cql-discrete" -> q.size() + q.train();
            case "td3-bc" -> pi.size() + pair * q.size() + pair * q.train() + (pi.train() + q.through(n)) / 2;
            case "cql-continuous" ->
                squashed.train()
                        + pair * q.through(n)
                        + squashed.size()
                        + pair * q.size()
                        + pair * q.train() * (1 + SOURCES * CQL_ACTIONS);
            case "actor-critic" ->
                pi.size() + 2 * q.size() + ACTOR_CRITICS * q.train() + pi.train() + ACTOR_CRITICS * q.through(n);
            default -> throw new IllegalArgumentException("Cannot count " + learner + ": no such learner");
        };
        return 2.0 * batchSize * perRow;
    }

    /** The units of a network; all counts are multiply-adds a row. */
    private record Shape(int inputs, List<Integer> hiddenLayers, int outputs) {
        double size() {
            var size = 0.0;
            var below = inputs;
            for (int units : hiddenLayers) {
                size += (double) below * units;
                below = units;
            }
            return size + (double) below * outputs;
        }

        double train() {
            return 3 * size() - first();
        }

        double through(int actions) {
            return 2 * size() - first() + (double) actions * hiddenLayers.get(0);
        }

        private double first() {
            return (double) inputs * hiddenLayers.get(0);
        }
    }
}
