package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.net.Actor;
import io.hindcast.net.Actor.Preference;
import io.hindcast.run.RunSpec.Judged;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fitted Q evaluation as a run, on a chain of four states, in which action 1 leads right and action 0 left, for a reward of -1; from
 * the last state action 1 ends the episode. A step takes two units of time, and the discount of one is 0.8.
 */
final class JudgingTest {
    private static final int STATES = 4;
    private static final double DISCOUNT = 0.8;
    private static final double TIME = 2;
    private static final Spaces SPACES = new Spaces(STATES, new ActionSpace.Discrete(2));
    private static final List<Transformation> STANDARDISED = List.of(
            new Transformation.Standardise(new Scaler(List.of(0.3, 0.1, 0.2, 0.0), List.of(2.0, 1.0, 0.5, 1.0), 0.1)));

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "GREEDY, 0, KEEPS_BOOTSTRAP",
        "SAMPLED, 0, STOPS_BOOTSTRAP",
        "GREEDY, 0.3, STOPS_BOOTSTRAP",
        "SAMPLED, 0.3, KEEPS_BOOTSTRAP"
    })
    void theEstimateIsTheExactValueOfThePolicyAsItActs(Preference actions, double epsilon, TerminalFlag end) {
        var judged = policy(List.of());
        var spec = values(new Judged(judged, actions, epsilon), List.of());
        var result = TrainingLoop.run(spec, chain(end, List.of()), store(), quiet());
        assertThat(result.outcome()).isEqualTo(new Outcome.Finished());

        var exact = exact(rightward(judged, actions, epsilon), end);
        assertThat(last(result, "initial-value/mean")).isCloseTo(exact[0], within(0.01));
        assertThat(last(result, "initial-value/lag")).isCloseTo(0, within(0.003));
        var first = result.metrics().stream()
                .filter(metric -> metric.name().equals("initial-value/lag"))
                .findFirst()
                .orElseThrow();
        assertThat(Math.abs(first.value())).isGreaterThan(0.01);
    }

    @Test
    void aPolicyIsJudgedByTheObservationsItKnowsWhateverTheRowsAreStandardisedBy() {
        var other = List.<Transformation>of(new Transformation.Standardise(
                new Scaler(List.of(-1.0, 0.5, 0.0, 0.2), List.of(0.5, 1.0, 3.0, 1.0), 0)));
        var judged = policy(STANDARDISED);
        var exact = exact(rightward(judged, Preference.SAMPLED, 0), TerminalFlag.STOPS_BOOTSTRAP);
        for (var transformations : List.of(List.<Transformation>of(), STANDARDISED, other)) {
            var spec = values(new Judged(judged, Preference.SAMPLED, 0), transformations);
            var rows = chain(TerminalFlag.STOPS_BOOTSTRAP, transformations);
            var result = TrainingLoop.run(spec, rows, store(), quiet());
            assertThat(last(result, "initial-value/mean")).isCloseTo(exact[0], within(0.02));
        }
    }

    @Test
    void aRunThatWasStoppedAndResumedEndsWithTheSameBytes() {
        var judged = new Judged(policy(List.of()), Preference.SAMPLED, 0.1);
        var spec = values(judged, List.of());
        var whole = new CheckpointStore(folder.resolve("whole").toString(), new Configuration());
        var rows = chain(TerminalFlag.STOPS_BOOTSTRAP, List.of());
        var expected = TrainingLoop.run(spec, rows, whole, quiet());

        var stopped = TrainingLoop.run(spec, rows, store(), new TrainingLoop.Listener() {
            private int updates;

            @Override
            public String stopReason() {
                return updates++ == 777 ? "stopped" : null;
            }
        });
        assertThat(stopped.outcome()).isInstanceOf(Outcome.Stopped.class);
        var resumed = TrainingLoop.run(spec, rows, store(), quiet());
        assertThat(resumed.metrics()).isEqualTo(expected.metrics());
        for (var part : List.of("state.safetensors", "metrics.jsonl", "checkpoint.json")) {
            var file = CheckpointStore.location(spec.id(), spec.updates()) + "/" + part;
            assertThat(folder.resolve("checkpoints").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
        }
    }

    @Test
    void whatIsJudgedIsAPartOfTheRunsName() {
        var ref = new CheckpointRef("dqn-all-s1-0123456789ab", 10, "0123");
        var plain = values(new Judged(ref, Preference.GREEDY, 0), List.of());
        var other = values(new Judged(ref, Preference.GREEDY, 0.1), List.of());
        assertThat(plain.id()).startsWith("fqe-all-s7-").isNotEqualTo(other.id());
        assertThat(plain.toJson())
                .contains("\"judges\":{\"actions\":\"GREEDY\",\"checkpoint\":{\"run\":\"dqn-all-s1-0123456789ab\","
                        + "\"state\":\"0123\",\"step\":10},\"epsilon\":0.0}");
        assertThat(RunSpec.fromJson(plain.toJson()).judges()).isEqualTo(plain.judges());
        assertThat(RunSpec.fromJson(plain.toJson()).id()).isEqualTo(plain.id());
    }

    @Test
    void aCheckpointThatChangedIsGoneFitsNotOrHasNoPolicyIsRefusedInWords() {
        var judged = policy(List.of());
        var rows = chain(TerminalFlag.STOPS_BOOTSTRAP, List.of());
        var changed = new CheckpointRef(judged.run(), judged.step(), "0123");
        assertThatThrownBy(() -> judge(changed, rows))
                .hasMessage("Cannot use what run " + judged.run()
                        + " learned in 100 updates: that checkpoint is another" + " one by now");
        assertThatThrownBy(() -> judge(new CheckpointRef(judged.run(), 50, "0123"), rows))
                .hasMessageEndingWith("step-000000000050: it is not there");

        var wider = new ReplayBuffer(new Spaces(STATES, new ActionSpace.Discrete(3)), 1);
        wider.append(new float[STATES], new Action.Index(2), 0, new float[STATES], TerminalFlag.STOPS_BOOTSTRAP);
        assertThatThrownBy(() -> judge(judged, wider))
                .hasMessage("run " + Path.of(judged.run()).getFileName() + " knows observations of " + STATES
                        + " numbers and the actions Discrete[count=2], and the log has observations of " + STATES
                        + " numbers and the actions Discrete[count=3]; ingest the log into another --out with the"
                        + " columns.observation and action-space that the run learned from, or name another run");

        var values = values(new Judged(judged, Preference.GREEDY, 0), List.of());
        TrainingLoop.run(values, rows, store(), quiet());
        var ref = store().ref(values.id(), values.updates());
        assertThatThrownBy(() -> judge(ref, rows))
                .hasMessage("run " + values.id()
                        + " has no policy: its learner, fqe, learns values only; name a run that learned a policy");
        try (var kernels = new PlainKernels()) {
            assertThatThrownBy(() -> store().read(ref).policy(SPACES, kernels))
                    .hasMessage("Cannot find a policy in run " + values.id()
                            + ": fqe learns values only; name a run that learns a policy");
        }
    }

    @Test
    void theLevelIsWhatAStateIsWorthIfAllAreAlike() {
        var ends = rewards(TerminalFlag.STOPS_BOOTSTRAP);
        var goesOn = rewards(TerminalFlag.KEEPS_BOOTSTRAP);

        // v = 2 + v (0.5 + 0.5 + 0) / 3, and without an end v = 2 + 0.5 v.
        assertThat(Judging.level(ends, 0.5)).isEqualTo(3);
        assertThat(Judging.level(goesOn, 0.5)).isEqualTo(4);
        assertThat(Judging.level(ends, 1)).isEqualTo(6);
        assertThat(Judging.level(goesOn, 1)).isZero();
    }

    @Test
    void heldValuesBeginAtTheLevel() {
        var judged = new Judged(policy(List.of()), Preference.SAMPLED, 0).bounded();
        var spec = spec("fqe", "discount = " + DISCOUNT, 10, List.of()).judging(judged);
        var result = TrainingLoop.run(spec, chain(TerminalFlag.KEEPS_BOOTSTRAP, List.of()), store(), quiet());

        // Each reward is -1. Networks that begin near 0 would be held at -1, the most that anything is worth.
        var first = result.metrics().stream()
                .filter(metric -> metric.name().equals("value-next/mean"))
                .findFirst()
                .orElseThrow();
        assertThat(first.step()).isEqualTo(1);
        assertThat(first.value()).isCloseTo(-1 / (1 - Math.pow(DISCOUNT, TIME)), within(0.5));
    }

    private static ReplayBuffer rewards(TerminalFlag end) {
        var rows = new ReplayBuffer(SPACES, 3);
        for (var reward = 1; reward <= 3; reward++) {
            rows.append(
                    state(0), new Action.Index(0), reward, state(1), reward == 3 ? end : TerminalFlag.KEEPS_BOOTSTRAP);
        }
        return rows;
    }

    private void judge(CheckpointRef ref, ReplayBuffer rows) {
        TrainingLoop.run(values(new Judged(ref, Preference.GREEDY, 0), List.of()), rows, store(), quiet());
    }

    /** Of a cloned policy that mostly goes right. */
    private CheckpointRef policy(List<Transformation> transformations) {
        var spec =
                spec("behaviour-cloning", "actor { hidden-layers = [8], learning-rate = 1e-2 }", 100, transformations);
        var elsewhere = folder.resolve("policies");
        var store = new CheckpointStore(elsewhere.toString(), new Configuration());
        var rows = chain(TerminalFlag.STOPS_BOOTSTRAP, transformations);
        TrainingLoop.run(spec, rows, store, quiet());
        return store().ref(elsewhere.resolve(spec.id()).toString(), 100);
    }

    /** The probability of going right in every state, as an actor tells it that is shown states as they were logged. */
    private double[] rightward(CheckpointRef ref, Preference actions, double epsilon) {
        var right = new double[STATES];
        try (var kernels = new PlainKernels()) {
            var policy = store().read(ref).policy(SPACES, kernels, Optional.empty());
            var actor = new Actor(kernels, policy, SPACES, 1);
            for (var s = 0; s < STATES; s++) {
                actor.show(state(s), null);
                var own = actions == Preference.SAMPLED
                        ? actor.probabilities(0).orElseThrow()[1]
                        : ((Action.Index) actor.greedy(0)).index();
                right[s] = (1 - epsilon) * own + epsilon / 2;
            }
        }
        return right;
    }

    /** By dynamic programming. */
    private static double[] exact(double[] right, TerminalFlag end) {
        var values = new double[STATES];
        var discount = Math.pow(DISCOUNT, TIME);
        for (var sweep = 0; sweep < 1000; sweep++) {
            for (var s = 0; s < STATES; s++) {
                var next = s < STATES - 1 ? values[s + 1] : end == TerminalFlag.STOPS_BOOTSTRAP ? 0 : values[s];
                values[s] = -1 + discount * (right[s] * next + (1 - right[s]) * values[Math.max(0, s - 1)]);
            }
        }
        return values;
    }

    /** Every action in every state, right three times as often; the first row is all there is of an episode. */
    private static ReplayBuffer chain(TerminalFlag end, List<Transformation> transformations) {
        var rows = 4 * STATES;
        var observations = new float[rows * STATES];
        var nexts = new float[rows * STATES];
        var actions = new int[rows];
        var rewards = new double[rows];
        var stops = new boolean[rows];
        var times = new double[rows];
        for (var row = 0; row < rows; row++) {
            var s = row / 4;
            var right = row % 4 > 0;
            var next = right ? Math.min(s + 1, STATES - 1) : Math.max(0, s - 1);
            System.arraycopy(state(s), 0, observations, row * STATES, STATES);
            System.arraycopy(state(next), 0, nexts, row * STATES, STATES);
            actions[row] = right ? 1 : 0;
            rewards[row] = -1;
            stops[row] = right && s == STATES - 1 && end == TerminalFlag.STOPS_BOOTSTRAP;
            times[row] = TIME;
        }
        var data = new ReplayBuffer(RowLayout.of(SPACES), rows);
        var columns =
                new ReplayBuffer.Columns(observations, new float[0], actions, rewards, nexts, stops, times, Map.of());
        data.append(columns, 0, rows);
        data.endEpisode();
        transformations.forEach(transformation -> transformation.apply(data));
        return data;
    }

    private static float[] state(int s) {
        var observation = new float[STATES];
        observation[s] = 1;
        return observation;
    }

    private static RunSpec values(Judged judged, List<Transformation> transformations) {
        return spec(
                        "fqe",
                        "discount = " + DISCOUNT + ", target-rate = 0.05"
                                + ", critic { hidden-layers = [32], learning-rate = 5e-3, schedule = cosine }",
                        2000,
                        transformations)
                .judging(judged);
    }

    private static RunSpec spec(String learner, String settings, long updates, List<Transformation> transformations) {
        var config = LearnerConfig.read(learner, ConfigFactory.parseString(settings), "test");
        return new RunSpec(
                "name",
                "all",
                "",
                learner,
                Settings.toMap((Record) config),
                7,
                updates,
                32,
                1,
                updates / 10,
                updates,
                false,
                transformations,
                true,
                null);
    }

    private static double last(TrainingLoop.Result result, String name) {
        return result.metrics().stream()
                .filter(metric -> metric.name().equals(name))
                .reduce((a, b) -> b)
                .orElseThrow()
                .value();
    }

    private CheckpointStore store() {
        return new CheckpointStore(folder.resolve("checkpoints").toString(), new Configuration());
    }

    private static TrainingLoop.Listener quiet() {
        return new TrainingLoop.Listener() {};
    }
}
