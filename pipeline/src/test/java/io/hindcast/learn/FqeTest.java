package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Batch;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Noise;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.Range;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.StochasticPolicy;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** Fitted Q evaluation of a policy that always goes right, which is not the data's. */
final class FqeTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "fqe";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-rate = 0.05
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    @Override
    ReplayBuffer data(Kind kind, TerminalFlag end) {
        return covered(kind, end);
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {
            "critic/loss",
            "critic/gradient-norm",
            "q-data/mean",
            "value-next/mean",
            "initial-value/mean",
            "initial-value/lag"
        };
    }

    @Override
    Judged judged(Kind kind, Kernels kernels) {
        return new Judged(goingRight(kind, kernels), Preference.SAMPLED, 0, 1, state(0), null, Noise::none);
    }

    /** Of a cloned policy, whose checkpoints stand in another directory. */
    @Override
    RunSpec spec(Kind kind, String settings, long updates) {
        var root = folder.resolve("judged " + kind);
        var store = new CheckpointStore(root.toString(), new Configuration());
        var cloned = new BehaviourCloningTest().spec(kind, "actor.hidden-layers = [8]", 10);
        TrainingLoop.run(cloned, chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES), store, new Quiet(Long.MAX_VALUE));
        CheckpointRef policy = store.ref(root.resolve(cloned.id()).toString(), 10);
        return super.spec(kind, settings, updates).judging(new RunSpec.Judged(policy, Preference.SAMPLED, 0.1));
    }

    @Test
    void whatFollowsIsHeldWhereRewardsCanTakeIt() {
        try (var kernels = new PlainKernels()) {
            var open = judged(Kind.DISCRETE, kernels);
            var held = new Judged(
                    open.policy(),
                    open.actions(),
                    open.epsilon(),
                    open.noise(),
                    open.limit(),
                    open.starts(),
                    open.startsPossible(),
                    open.startsNoise(),
                    new Range(0.25, 0.5),
                    0);
            var values = new float[] {-1, 0.25f, 0.4f, 3};

            open.hold(values);
            assertThat(values).containsExactly(-1, 0.25f, 0.4f, 3);
            held.hold(values);
            assertThat(values).containsExactly(0.25f, 0.25f, 0.4f, 0.5f);

            var rows = data(Kind.DISCRETE, TerminalFlag.STOPS_BOOTSTRAP);
            var batch = new Batch(rows.layout(), ROWS);
            rows.sample(new SplittableRandom(1), batch);
            var config = LearnerConfig.read("fqe", ConfigFactory.parseString(settings()), "test");
            var learner =
                    config.learner(new LearnerSetup(rows.spaces(), ROWS, 1, kernels, new SplittableRandom(1), held));
            learner.update(batch, Noise.none());
            for (var value : learner.intermediates().get("value_next")) {
                assertThat(value).isBetween(0.25f, 0.5f);
            }
        }
    }

    @Test
    void whatItSaysBeginsAtTheLevel() {
        try (var kernels = new PlainKernels()) {
            var low = judged(Kind.DISCRETE, kernels);
            var high = new Judged(
                    low.policy(),
                    low.actions(),
                    low.epsilon(),
                    low.noise(),
                    low.limit(),
                    low.starts(),
                    low.startsPossible(),
                    low.startsNoise(),
                    null,
                    7);

            assertThat(initialValue(high, "mean", kernels) - initialValue(low, "mean", kernels))
                    .isCloseTo(7, within(1e-5));
            assertThat(initialValue(high, "lag", kernels)).isZero();
        }
    }

    private double initialValue(Judged judged, String name, Kernels kernels) {
        var spaces = data(Kind.DISCRETE, TerminalFlag.STOPS_BOOTSTRAP).spaces();
        var config = LearnerConfig.read("fqe", ConfigFactory.parseString(settings()), "test");
        var setup = new LearnerSetup(spaces, ROWS, 1, kernels, new SplittableRandom(1), judged);
        return Objects.requireNonNull(config.learner(setup).diagnostics().get("initial-value/" + name));
    }

    @Test
    void aHeldRunIsAnotherRunAndOneThatIsNotHasTheIdThatItHad() {
        var spec = spec(Kind.DISCRETE, settings(), 3);
        var held = spec.judging(Objects.requireNonNull(spec.judges()).bounded());

        assertThat(held.id()).isNotEqualTo(spec.id());
        assertThat(spec.judging(new RunSpec.Judged(
                                Objects.requireNonNull(spec.judges().checkpoint()), Preference.SAMPLED, 0.1))
                        .id())
                .isEqualTo(spec.id());
    }

    @Test
    void itIsRefusedWithoutAPolicyToJudge() {
        try (var kernels = new PlainKernels()) {
            var setup = new LearnerSetup(Kind.DISCRETE.spaces(), ROWS, 1, kernels, new SplittableRandom(1));
            var config = LearnerConfig.read("fqe", ConfigFactory.empty(), "test");
            assertThatThrownBy(() -> config.learner(setup))
                    .isInstanceOf(UserException.class)
                    .hasMessage("Cannot train fqe: it learns the values of a policy, and none is named; add judges {"
                            + " run = OUT/checkpoints/RUN_ID }");
        }
    }

    /** Probability 1 of going right to the last digit, or a mean of tanh(0.5493) = 0.5 with a deviation of e^-5. */
    private static StochasticPolicy goingRight(Kind kind, Kernels kernels) {
        var network = Settings.read(NetworkConfig.class, ConfigFactory.parseString("hidden-layers = [1]"), "test");
        var policy = StochasticPolicy.of(kernels, kind.spaces(), network, new LogStdBounds(-5, 2));
        var parameters = policy.parameters();
        Arrays.fill(parameters.values(), 0);
        var bias = parameters.block("layers.1.bias").offset();
        if (kind == Kind.DISCRETE) {
            parameters.values()[bias + 1] = 50;
        } else {
            parameters.values()[bias] = 0.54930615f;
            parameters.values()[parameters.block("log_std").offset()] = -5;
        }
        policy.refresh();
        return policy;
    }
}
