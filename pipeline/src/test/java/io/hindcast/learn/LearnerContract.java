package io.hindcast.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.Columns;
import io.hindcast.data.ReplayBuffer.CutReturn;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.Matrix;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.kernel.Precision;
import io.hindcast.net.Scalar;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import io.hindcast.run.TrainingLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every learner promises, on a chain of five states whose observations are unit vectors. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class LearnerContract {
    static final int STATES = 5;
    static final int ROWS = 32;

    /** The two kinds of actions every learner is tried with; going right is action 1 or +0.5, going left 0 or -0.5. */
    @SuppressWarnings("ImmutableEnumChecker") // action spaces are, though their interface does not say so
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

    /** The same, for data that are undecided: imitation leaves room for what is better. */
    String undecidedSettings() {
        return settings();
    }

    /** Whether it learns from rewards, or only copies. */
    abstract boolean learnsFromRewards();

    /** Whether it stays with what the data does where the data knows nothing else. */
    boolean followsTheData() {
        return true;
    }

    /** The kinds of actions it is for. */
    Stream<Kind> kinds() {
        return Stream.of(Kind.values());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itCopiesTheActionsOfDataThatAlwaysGoesRight(Kind kind) {
        assumeTrue(LearnerConfig.learnsPolicy(learner()), "it has no policy");
        assumeTrue(followsTheData(), "it may prefer what the data never does");
        try (var kernels = new Nd4jKernels()) {
            var learner = trained(kind, kernels, chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES), 400);
            assertThat(choices(learner, kernels)).isEqualTo("RRRRR");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itPrefersTheWayToTheRewardWhereTheDataIsUndecided(Kind kind) {
        assumeTrue(LearnerConfig.learnsPolicy(learner()), "it has no policy");
        assumeTrue(learnsFromRewards(), "it only copies");
        try (var kernels = new Nd4jKernels()) {
            var data = covered(kind, TerminalFlag.STOPS_BOOTSTRAP);
            var learner = trained(undecidedSettings(), kind, kernels, data, 3000);
            assertThat(choices(learner, kernels)).isEqualTo("RRRRR");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itPrefersThatWayWhenProductsAreOfBfloat16(Kind kind) {
        assumeTrue(LearnerConfig.learnsPolicy(learner()), "it has no policy");
        assumeTrue(learnsFromRewards(), "it only copies");
        try (var kernels = rounding()) {
            var data = covered(kind, TerminalFlag.STOPS_BOOTSTRAP);
            var learner = trained(deep(undecidedSettings()), kind, kernels, data, 3000);
            assertThat(choices(learner, kernels)).isEqualTo("RRRRR");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aLearningRateThatFollowsACosineIsZeroAfterTheLastUpdateHoweverOftenItsOptimiserSteps(Kind kind) {
        endsWithoutALearningRate(kind, settings(), 61);
        endsWithoutALearningRate(kind, settings(), 62);
    }

    /** Trains so many updates, which are all that the run has, by cosines. */
    void endsWithoutALearningRate(Kind kind, String settings, int updates) {
        var cosine = new StringBuilder(settings);
        for (var setting : Settings.describe(Objects.requireNonNull(LearnerConfig.LEARNERS.get(learner())))) {
            if (setting.key().endsWith(".schedule")) {
                cosine.append(", ").append(setting.key()).append(" = cosine");
            }
        }
        try (var kernels = new PlainKernels()) {
            var learner = fresh(cosine.toString(), kind, kernels, 1, updates);
            update(learner, covered(kind, TerminalFlag.STOPS_BOOTSTRAP), 0, updates);
            learner.optimisers().forEach((name, adam) -> {
                assertThat(adam.steps()).as(name).isPositive();
                if (adam.networks().stream().noneMatch(Scalar.class::isInstance)) { // theirs is constant
                    assertThat(adam.learningRate()).as(name).isZero();
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void theSameSeedGivesTheSameBytes(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var data = chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES);
            assertThat(state(trained(kind, kernels, data, 20)))
                    .usingRecursiveComparison()
                    .isEqualTo(state(trained(kind, kernels, data, 20)));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itHoldsItsWholeStateInNetworksAndOptimisers(Kind kind) {
        try (var kernels = new Nd4jKernels()) {
            var data = chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES);
            var whole = trained(kind, kernels, data, 20);
            var half = trained(kind, kernels, data, 10);
            var resumed = fresh(settings(), kind, kernels, 99);
            copyState(half, resumed);
            update(resumed, data, 10, 20);
            assertThat(state(resumed)).usingRecursiveComparison().isEqualTo(state(whole));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aNumberThatIsNotFiniteEndsTheRunAsDivergedWithStepAndMetricAndTheLastCheckpointStays(Kind kind) {
        var data = chain(kind, TerminalFlag.STOPS_BOOTSTRAP, STATES);
        var store = new CheckpointStore(folder.resolve(kind.name()).toString(), new Configuration());
        var spec = spec(kind, settings(), 5);
        var good = TrainingLoop.run(spec, data, store, quiet());
        assertThat(good.outcome()).isEqualTo(new Outcome.Finished());

        var bad = new ReplayBuffer(layout(kind), 1);
        var observation = state(0);
        observation[1] = Float.NaN;
        bad.append(observation, kind.action(true), -1, observation, TerminalFlag.KEEPS_BOOTSTRAP);
        var result = TrainingLoop.run(spec(kind, settings(), 6), bad, store, quiet());
        assertThat(result.outcome()).isInstanceOf(Outcome.Diverged.class);
        assertThat(((Outcome.Diverged) result.outcome()).reason()).matches("[a-z0-9-]+/[a-z-]+ = NaN in update 1");
        assertThat(store.latest(result.spec().id()).orElseThrow().step()).isZero();
    }

    /** Steps so large that nothing they lead to is a loss. */
    @ParameterizedTest
    @MethodSource("kinds")
    void anExplodingLossEndsTheRunAsDivergedWithStepAndMetricAndTheLastCheckpointStays(Kind kind) {
        var wild = new StringBuilder(deep());
        var type = Objects.requireNonNull(LearnerConfig.LEARNERS.get(learner()));
        for (var setting : Settings.describe(type)) {
            if (setting.key().endsWith(".learning-rate")) {
                wild.append(", ").append(setting.key()).append(" = 1e15");
            } else if (setting.key().equals("log-std-min")) {
                wild.append(", log-std-min = -20"); // or else the loss of a Gaussian policy is bounded
            }
        }
        assumeTrue(wild.length() > deep().length(), "its steps have a bound");
        var store = new CheckpointStore(folder.resolve("exploding " + kind).toString(), new Configuration());
        var data = covered(kind, TerminalFlag.STOPS_BOOTSTRAP);
        for (var precision : precisions()) {
            var spec = spec(kind, wild.toString(), 1000).in(precision);
            var result = TrainingLoop.run(spec, data, store, quiet());
            assertThat(result.outcome()).as("%s", precision).isInstanceOf(Outcome.Diverged.class);
            var diverged = (Outcome.Diverged) result.outcome();
            assertThat(diverged.reason())
                    .matches("[a-z0-9-]+/[a-z-]+ = (NaN|-?Infinity|-?[0-9.]+E[0-9]+) in update " + diverged.step());
            var kept = store.latest(result.spec().id()).orElseThrow();
            assertThat(kept.step()).isLessThan(diverged.step());
        }
    }

    /** Else nothing here would tell what a learner makes of them. Behind four rows of five the same action follows. */
    @ParameterizedTest
    @MethodSource("kinds")
    void theRowsOfTheseTestsKnowWhatWasDoneNextAndWhatWasEarnedFromThereOn(Kind kind) {
        var data = covered(kind, TerminalFlag.STOPS_BOOTSTRAP);
        var rows = new Batch(data.layout(), data.size());
        data.read(0, rows);
        for (var row = 0; row < rows.size(); row++) {
            var left = row < rows.size() / 2;
            var earned = new double[] {-1.9375, -1.875, -1.75, -1.5, -1};
            assertThat(rows.values(Field.RETURN_TO_GO)[row]).isEqualTo((float) (left ? -2 : earned[row % STATES]));
            assertThat(rows.values(Field.NEXT_ACTION_KNOWN)[row]).isEqualTo(row % STATES < STATES - 1 ? 1 : 0);
            if (kind == Kind.CONTINUOUS && row % STATES < STATES - 1) {
                assertThat(rows.values(Field.NEXT_ACTION)[row]).isEqualTo(rows.actions()[row]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aRunThatWasStoppedAndResumedEndsWithTheSameBytesAndMetrics(Kind kind) throws IOException {
        var data = covered(kind, TerminalFlag.STOPS_BOOTSTRAP);
        for (var precision : precisions()) {
            stopAndResume(kind, data, spec(kind, deep(), 23).in(precision));
        }
    }

    private void stopAndResume(Kind kind, ReplayBuffer data, RunSpec spec) throws IOException {
        var whole = new CheckpointStore(folder.resolve("whole " + kind).toString(), new Configuration());
        var expected = TrainingLoop.run(spec, data, whole, quiet());

        var halves = new CheckpointStore(folder.resolve("halves " + kind).toString(), new Configuration());
        var stopped = TrainingLoop.run(spec, data, halves, new Quiet(15));
        assertThat(stopped.outcome()).isEqualTo(new Outcome.Stopped("stopped at update 15"));
        var resumed = TrainingLoop.run(spec, data, halves, quiet());

        assertThat(resumed.outcome()).isEqualTo(new Outcome.Finished());
        assertThat(resumed.metrics()).isEqualTo(expected.metrics()).isNotEmpty();
        for (var part : List.of("state.safetensors", "metrics.jsonl", "checkpoint.json")) {
            var file = CheckpointStore.location(spec.id(), 23) + "/" + part;
            assertThat(folder.resolve("halves " + kind).resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("whole " + kind).resolve(file));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void itLogsALossAndAGradientNormOfEveryOptimiserAndWhatElseItsMetricsPromise(Kind kind) {
        var data = covered(kind, TerminalFlag.STOPS_BOOTSTRAP);
        var store = new CheckpointStore(folder.resolve("metrics " + kind).toString(), new Configuration());
        var result = TrainingLoop.run(spec(kind, settings(), 60), data, store, quiet());
        assertThat(result.metrics()).extracting(Metric::name).contains(metrics(kind));
        assertThat(result.metrics())
                .allSatisfy(
                        metric -> assertThat(metric.value()).as(metric.name()).isFinite());
    }

    /** Where the processor does not multiply bfloat16, plain loops do. */
    private static Kernels rounding() {
        return precisions().contains(Precision.BFLOAT16)
                ? new Nd4jKernels(Precision.BFLOAT16)
                : new PlainKernels(Precision.BFLOAT16);
    }

    /** The same with a second hidden layer: between two layers factors are rounded. */
    private String deep() {
        return deep(settings());
    }

    private static String deep(String settings) {
        return settings.replaceAll("hidden-layers = \\[(\\d+)]", "hidden-layers = [$1, $1]");
    }

    /** Those that this processor multiplies. */
    private static List<Precision> precisions() {
        try (var kernels = new Nd4jKernels()) {
            return kernels.roundsBy().isPresent() ? List.of(Precision.values()) : List.of(Precision.FLOAT32);
        }
    }

    /** The metrics that a run of it must have, beside others. */
    abstract String[] metrics(Kind kind);

    @TempDir
    Path folder;

    RunSpec spec(Kind kind, String settings, long updates) {
        var config = LearnerConfig.read(learner(), ConfigFactory.parseString(settings), "test");
        return new RunSpec(
                "name",
                "all",
                "",
                learner(),
                Settings.toMap((Record) config),
                7,
                updates,
                ROWS,
                1,
                1,
                10,
                false,
                List.of(),
                false,
                null);
    }

    private static TrainingLoop.Listener quiet() {
        return new Quiet(Long.MAX_VALUE);
    }

    /** Says nothing, remembers warnings, and stops a run after so many updates. */
    static final class Quiet implements TrainingLoop.Listener {
        final List<String> warnings = new ArrayList<>();
        private final long last;
        private long updates;

        Quiet(long last) {
            this.last = last;
        }

        @Override
        public void warning(long step, String text) {
            warnings.add(text);
        }

        @Override
        public @Nullable String stopReason() {
            return updates++ == last ? "stopped" : null;
        }
    }

    Learner trained(Kind kind, Kernels kernels, ReplayBuffer data, int updates) {
        return trained(settings(), kind, kernels, data, updates);
    }

    Learner trained(String settings, Kind kind, Kernels kernels, ReplayBuffer data, int updates) {
        var learner = fresh(settings, kind, kernels, 1);
        update(learner, data, 0, updates);
        return learner;
    }

    /** A chain walked to the right, reward -1 a step; {@code end} says what its last row is. */
    static ReplayBuffer chain(Kind kind, TerminalFlag end, int length) {
        var data = new ReplayBuffer(layout(kind), length);
        walk(data, kind.action(true), length, end);
        data.sumUpAhead(0.5, CutReturn.CONTINUED);
        return data;
    }

    /** One episode of {@code length} times the same action, which leads right from the first state or left from the last. */
    private static void walk(ReplayBuffer data, Action action, int length, TerminalFlag end) {
        var right = Kind.isRight(action);
        var columns = new Columns(
                new float[length * STATES],
                new float[length],
                new int[length],
                new double[length],
                new float[length * STATES],
                new boolean[length],
                new double[0],
                Map.of());
        if (action instanceof Action.Vector vector) {
            Arrays.fill(columns.actions(), vector.values()[0]);
        } else {
            Arrays.fill(columns.actionIndices(), ((Action.Index) action).index());
        }
        Arrays.fill(columns.rewards(), -1);
        for (var t = 0; t < length; t++) {
            var s = right ? t : STATES - 1 - t;
            var next = right ? Math.min(s + 1, STATES - 1) : Math.max(s - 1, 0);
            columns.observations()[t * STATES + s] = 1;
            columns.nextObservations()[t * STATES + next] = 1;
        }
        columns.stopsBootstrap()[length - 1] = end == TerminalFlag.STOPS_BOOTSTRAP;
        data.append(columns, 0, length);
        data.endEpisode();
    }

    /**
     * Every action in every state, reward -1 a step: right leads on, left back. {@code end} says what going right from the last
     * state is. Real-valued actions go from -0.875 to 0.875 in steps of a quarter. An episode does the same throughout.
     */
    static ReplayBuffer covered(Kind kind, TerminalFlag end) {
        var choices = kind == Kind.DISCRETE ? 2 : 8;
        var data = new ReplayBuffer(layout(kind), choices * STATES);
        for (var c = 0; c < choices; c++) {
            var right = c >= choices / 2;
            var action =
                    kind == Kind.DISCRETE ? kind.action(right) : new Action.Vector(new float[] {-0.875f + 0.25f * c});
            walk(data, action, STATES, right ? end : TerminalFlag.KEEPS_BOOTSTRAP);
        }
        data.sumUpAhead(0.5, CutReturn.CONTINUED);
        return data;
    }

    /** Rows with what some learners want to know of them. */
    static RowLayout layout(Kind kind) {
        return RowLayout.of(kind.spaces()).with(Set.of(Field.NEXT_ACTION, Field.NEXT_ACTION_KNOWN, Field.RETURN_TO_GO));
    }

    static float[] state(int s) {
        var observation = new float[STATES];
        observation[s] = 1;
        return observation;
    }

    private Learner fresh(String settings, Kind kind, Kernels kernels, long seed) {
        return fresh(settings, kind, kernels, seed, 3000);
    }

    private Learner fresh(String settings, Kind kind, Kernels kernels, long seed, long updates) {
        return LearnerConfig.read(learner(), ConfigFactory.parseString(settings), "test")
                .learner(new LearnerSetup(
                        kind.spaces(), ROWS, updates, kernels, new SplittableRandom(seed), judged(kind, kernels)));
    }

    /** The policy whose values it learns; null: it learns a policy of its own. */
    @Nullable Judged judged(Kind kind, Kernels kernels) {
        return null;
    }

    static void update(Learner learner, ReplayBuffer data, int from, int to) {
        var batch = new Batch(data.layout(), ROWS);
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

    static String choices(Learner learner, Kernels kernels) {
        var pass = PolicyLearner.of(learner).policy().pass(states(kernels));
        pass.forward();
        var choices = new StringBuilder();
        for (var s = 0; s < STATES; s++) {
            choices.append(Kind.isRight(pass.greedy(s)) ? 'R' : 'L');
        }
        return choices.toString();
    }

    static Map<String, float[]> state(Learner learner) {
        var state = new TreeMap<String, float[]>();
        arrays(learner, (name, values) -> state.put(name, values.clone()));
        return state;
    }

    static void copyState(Learner from, Learner to) {
        var state = state(from);
        arrays(to, (name, values) -> System.arraycopy(state.get(name), 0, values, 0, values.length));
        to.networks().values().forEach(network -> network.refresh());
        to.optimisers()
                .forEach((name, adam) -> adam.resume(from.optimisers().get(name).steps()));
    }

    private static void arrays(Learner learner, BiConsumer<String, float[]> visitor) {
        learner.networks()
                .forEach((name, network) ->
                        visitor.accept(name, network.parameters().values()));
        learner.optimisers().forEach((name, adam) -> {
            for (var i = 0; i < adam.networks().size(); i++) {
                visitor.accept(name + " m " + i, adam.firstMoments().get(i));
                visitor.accept(name + " v " + i, adam.secondMoments().get(i));
            }
        });
    }
}
