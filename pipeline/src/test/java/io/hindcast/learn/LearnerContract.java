package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.kernel.Nd4jKernels;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every learner promises, on a chain of five states whose observations are unit vectors. */
abstract class LearnerContract {
    static final int STATES = 5;
    private static final int ROWS = 32;

    /** The two kinds of actions every learner is tried with; going right is action 1 or +0.5, going left 0 or -0.5. */
    enum Kind {
        DISCRETE(new ActionSpace.Discrete(2)),
        CONTINUOUS(new ActionSpace.Continuous(1, -1, 1));

        private final ActionSpace actions;

        Kind(ActionSpace actions) {
            this.actions = actions;
        }

        Spaces spaces() {
            return new Spaces(STATES, actions);
        }

        Action action(boolean right) {
            return this == DISCRETE
                    ? new Action.Index(right ? 1 : 0)
                    : new Action.Vector(new float[] {right ? 0.5f : -0.5f});
        }

        static boolean isRight(Action action) {
            return action instanceof Action.Index index ? index.index() == 1 : ((Action.Vector) action).values()[0] > 0;
        }
    }

    /** The learner's name in conf files. */
    abstract String learner();

    /** Settings with small networks and a large learning rate. */
    abstract String settings();

    /** Whether it learns from rewards, or only copies. */
    abstract boolean learnsFromRewards();

    @ParameterizedTest
    @EnumSource(Kind.class)
    void itCopiesTheActionsOfDataThatAlwaysGoesRight(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var learner = trained(kind, kernels, chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES), 400);
            assertThat(choices(learner, kernels)).isEqualTo("RRRRR");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void itPrefersTheWayToTheRewardWhereTheDataIsUndecided(Kind kind) {
        if (!learnsFromRewards()) {
            return;
        }
        try (var kernels = new Nd4jKernels()) {
            var data = new ReplayBuffer(kind.spaces(), 2 * STATES);
            for (var s = 0; s < STATES; s++) {
                var last = s == STATES - 1;
                data.append(
                        state(s),
                        kind.action(true),
                        -1,
                        state(Math.min(s + 1, STATES - 1)),
                        last ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP);
                data.append(state(s), kind.action(false), -1, state(Math.max(s - 1, 0)), TerminalFlag.KEEPS_BOOTSTRAP);
            }
            var learner = trained(kind, kernels, data, 3000);
            assertThat(choices(learner, kernels)).isEqualTo("RRRRR");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theSameSeedGivesTheSameBytes(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var data = chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES);
            assertThat(state(trained(kind, kernels, data, 20)))
                    .usingRecursiveComparison()
                    .isEqualTo(state(trained(kind, kernels, data, 20)));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void itHoldsItsWholeStateInNetworksAndOptimizers(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var data = chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES);
            var whole = trained(kind, kernels, data, 20);
            var half = trained(kind, kernels, data, 10);
            var resumed = fresh(kind, kernels, 99);
            copyState(half, resumed);
            update(resumed, data, 10, 20);
            assertThat(state(resumed)).usingRecursiveComparison().isEqualTo(state(whole));
        }
    }

    PolicyLearner trained(Kind kind, Kernels kernels, ReplayBuffer data, int updates) {
        var learner = fresh(kind, kernels, 1);
        update(learner, data, 0, updates);
        return learner;
    }

    /** A chain walked to the right, reward -1 a step; {@code end} says what its last row is. */
    static ReplayBuffer chain(Kind kind, TerminalFlag end, int length) {
        var data = new ReplayBuffer(kind.spaces(), length);
        for (var s = 0; s < length; s++) {
            var last = s == length - 1;
            data.append(
                    state(s),
                    kind.action(true),
                    -1,
                    state(Math.min(s + 1, STATES - 1)),
                    last ? end : TerminalFlag.KEEPS_BOOTSTRAP);
        }
        return data;
    }

    static float[] state(int s) {
        var observation = new float[STATES];
        observation[s] = 1;
        return observation;
    }

    private PolicyLearner fresh(Kind kind, Kernels kernels, long seed) {
        return LearnerConfig.read(learner(), ConfigFactory.parseString(settings()), "test")
                .learner(new LearnerSetup(kind.spaces(), ROWS, 3000, kernels, new SplittableRandom(seed)));
    }

    private static void update(Learner learner, ReplayBuffer data, int from, int to) {
        var batch = new Batch(data.spaces(), ROWS);
        for (var step = from; step < to; step++) {
            data.sample(new SplittableRandom(step), batch);
            learner.update(batch, new TestNoise(step));
        }
    }

    /** All states as a network's input. */
    static Matrix states(Kernels kernels) {
        var all = new float[STATES * STATES];
        for (var s = 0; s < STATES; s++) {
            System.arraycopy(state(s), 0, all, s * STATES, STATES);
        }
        var input = kernels.matrix(STATES, STATES);
        input.write(all, 0);
        return input;
    }

    private static String choices(PolicyLearner learner, Kernels kernels) {
        var pass = learner.policy().pass(states(kernels));
        pass.forward();
        var choices = new StringBuilder();
        for (var s = 0; s < STATES; s++) {
            choices.append(Kind.isRight(pass.greedy(s)) ? 'R' : 'L');
        }
        return choices.toString();
    }

    private static Map<String, float[]> state(Learner learner) {
        var state = new TreeMap<String, float[]>();
        arrays(learner, (name, values) -> state.put(name, values.clone()));
        return state;
    }

    private static void copyState(Learner from, Learner to) {
        var state = state(from);
        arrays(to, (name, values) -> System.arraycopy(state.get(name), 0, values, 0, values.length));
        to.networks().values().forEach(network -> network.refresh());
        to.optimizers()
                .forEach((name, adam) -> adam.resume(from.optimizers().get(name).steps()));
    }

    private static void arrays(Learner learner, BiConsumer<String, float[]> visitor) {
        learner.networks()
                .forEach((name, network) ->
                        visitor.accept(name, network.parameters().values()));
        learner.optimizers().forEach((name, adam) -> {
            for (var i = 0; i < adam.networks().size(); i++) {
                visitor.accept(name + " m " + i, adam.firstMoments().get(i));
                visitor.accept(name + " v " + i, adam.secondMoments().get(i));
            }
        });
    }
}
