package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.Replay;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.CutReturn;
import io.hindcast.data.ReplayBuffer.Possible;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.env.Environment;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnlineRunTest {
    private static final String SMALL = "critic.hidden-layers = [8]";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {5, 17, 20, 23, 38})
    void aRunThatWasStoppedWhileItActedEndsWithTheSameBytes(long stop) throws IOException {
        var spec = spec("dqn", SMALL, 10, 3, "steps = 40, warm-up = 5, epsilon = 0.3, capacity = 30");
        run(spec, "whole", never());

        var stopped = run(spec, "resumed", at(stop));
        assertThat(stopped.outcome()).isEqualTo(new Outcome.Stopped("stopped at update " + stop));
        var resumed = run(spec, "resumed", never());

        assertThat(resumed.outcome()).isEqualTo(new Outcome.Finished());
        for (var step : List.of(0L, 10L, 20L, 30L, 40L, 45L)) {
            for (var part :
                    List.of("state.safetensors", "metrics.jsonl", "experience.safetensors", "checkpoint.json")) {
                assertThat(bytes("resumed", spec, step, part))
                        .as("%s at %d", part, step)
                        .isEqualTo(bytes("whole", spec, step, part));
            }
        }
    }

    /** Half of each batch has returns that calibrate; the run's own steps have none. */
    @ParameterizedTest
    @ValueSource(longs = {17, 23, 38})
    void calQlThatWasStoppedWhileItActedEndsWithTheSameBytes(long stop) throws IOException {
        for (var calibrates : List.of("false", "true")) {
            var spec = spec(
                    "cal-ql",
                    "num-actions = 2, actor.hidden-layers = [8], critic.hidden-layers = [8], lagrange = true,"
                            + " calibrate-online = " + calibrates,
                    10,
                    1,
                    "steps = 40, warm-up = 5, capacity = 30, dataset-share = 0.5",
                    "pendulum");
            swing(spec, "whole", never());
            swing(spec, "resumed", at(stop));
            var resumed = swing(spec, "resumed", never());
            assertThat(resumed.outcome()).isEqualTo(new Outcome.Finished());
            for (var part : List.of("state.safetensors", "metrics.jsonl", "experience.safetensors")) {
                assertThat(bytes("resumed", spec, 45, part)).as(part).isEqualTo(bytes("whole", spec, 45, part));
            }
        }
    }

    /** With all of each batch from the dataset it learns as if it had not acted; with less, or once nothing calibrates, it does not. */
    @Test
    void theShareOfTheDatasetIsThatOfTheConfiguration() throws IOException {
        var settings = "num-actions = 2, actor.hidden-layers = [8], critic.hidden-layers = [8]";
        var on = settings + ", calibrate-online = true";
        var offline =
                spec("cal-ql", on, 30, 1, "steps = 1", "pendulum").offlineHalf().orElseThrow();
        TrainingLoop.run(offline, swings(), store("offline"), never());
        var expected = bytes("offline", offline, 30, "state.safetensors");
        assertThat(swung(on, "steps = 20, dataset-share = 1")).isEqualTo(expected);
        assertThat(swung(on, "steps = 20, dataset-share = 0.5")).isNotEqualTo(expected);
        assertThat(swung(on, "steps = 20")).isNotEqualTo(expected);
        assertThat(swung(settings, "steps = 20, dataset-share = 1")).isNotEqualTo(expected);
    }

    /** The state of a run of 30 updates, of which 10 come before it acts. */
    private byte[] swung(String settings, String online) throws IOException {
        var spec = spec("cal-ql", settings, 10, 1, online, "pendulum");
        swing(spec, "swung", never());
        return bytes("swung", spec, 30, "state.safetensors");
    }

    @Test
    void offlineUpdatesTakeNoStepAndTheOthersSoManyEach() {
        var spec = spec("dqn", SMALL, 10, 1, "steps = 7, warm-up = 3, updates-per-step = 5");
        assertThat(spec.updates()).isEqualTo(10 + (7 - 3) * 5);
        var config = new EnvironmentSpec("pointmass-easy");
        try (var world = new Counting(config.open())) {
            var steps = new ArrayList<Integer>();
            TrainingLoop.run(spec, dataset(), store("s"), Retention.ALL, world, null, new TrainingLoop.Listener() {
                @Override
                public @Nullable String stopReason() {
                    steps.add(world.steps);
                    return null;
                }
            });
            assertThat(steps.subList(0, 11)).containsOnly(0);
            assertThat(steps.subList(11, 16)).containsOnly(4);
            assertThat(world.steps).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {20, 23})
    void aRunThatWasTrainedAlreadyIsFineTunedFromWhereItEnded(long offline) throws IOException {
        var spec = spec("dqn", SMALL, offline, 3, "steps = 17, epsilon = 0.3");
        run(spec, "whole", never());

        var trained = TrainingLoop.run(spec.offlineHalf().orElseThrow(), dataset(), store("again"), never());
        assertThat(trained.updates()).isEqualTo(offline);
        var first = new ArrayList<Long>();
        var tuned = run(spec, "again", new TrainingLoop.Listener() {
            @Override
            public void starts(long step, String kernels) {
                first.add(step);
            }
        });

        assertThat(first).containsExactly(offline);
        assertThat(tuned.updates()).isEqualTo(offline + 17);
        for (var step : List.of(0L, 10L, 20L, 30L, offline + 17)) {
            for (var part : List.of("state.safetensors", "metrics.jsonl", "experience.safetensors")) {
                assertThat(bytes("again", spec, step, part))
                        .as("%s at %d", part, step)
                        .isEqualTo(bytes("whole", spec, step, part));
            }
        }
    }

    @Test
    void whatThinnedCheckpointsLoggedStaysInTheCurveOfTheFineTunedRun() {
        var spec = spec("dqn", SMALL, 40, 1, "steps = 10, epsilon = 0.3");
        var whole = run(spec, "whole", never());
        TrainingLoop.run(
                spec.offlineHalf().orElseThrow(),
                dataset(),
                store("again"),
                new Retention(1, 100),
                null,
                null,
                never());
        assertThat(run(spec, "again", never()).metrics()).isEqualTo(whole.metrics());
        assertThat(store("again").steps(spec.id())).containsExactly(0L, 40L, 50L);
    }

    @Test
    void learningRatesThatFollowTheWholeRunAreNotThoseOfItsHalf() {
        var cosine = spec("dqn", SMALL + ", critic.schedule = cosine", 10, 1, "steps = 10");
        assertThat(cosine.offlineHalf()).isEmpty();
        assertThat(spec("dqn", SMALL, 0, 1, "steps = 10").offlineHalf()).isEmpty();
    }

    @Test
    void noiseOnDiscreteActionsIsRefused() {
        var spec = spec("dqn", SMALL, 0, 1, "steps = 5, noise = 0.1");
        var online = Objects.requireNonNull(spec.online()).config();
        online.checkActions(new ActionSpace.Continuous(1, -1, 1));
        assertThatThrownBy(() -> online.checkActions(new ActionSpace.Discrete(2)))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use online.noise = 0.1: it is for continuous actions, and these are discrete; use"
                        + " online.epsilon");
    }

    @Test
    void onlineCurvesTellStepsAndTheReturnsOfEpisodesThatEnded() {
        var spec = spec("dqn", SMALL, 0, 1, "steps = 120, epsilon = 1");
        var metrics = run(spec, "s", never()).metrics();
        var steps =
                metrics.stream().filter(m -> m.name().equals("online/steps")).toList();
        assertThat(steps.get(steps.size() - 1)).isEqualTo(new Metric(120, "online/steps", 120));
        // A random agent in the small maze is cut off after 50 steps of -1.
        assertThat(metrics)
                .filteredOn(m -> m.name().equals("online/return"))
                .contains(new Metric(50, "online/return", -50), new Metric(100, "online/return", -50));
    }

    @Test
    void anAgentLearnsFromRowsMadeReadyAndFoldedAsThoseOfADatasetAre() {
        var spaces = dataset().spaces();
        var ready = List.<Transformation>of(
                new Transformation.Reward(2, 1),
                new Transformation.Standardise(new Scaler(List.of(0.1, -0.2), List.of(0.5, 3.0), 0.01)),
                new Transformation.Reward(-4, 0.5));
        var spec = with(spec("dqn", SMALL, 0, 4, "steps = 60, epsilon = 1"), ready);
        var replay = new OnlineReplay(new ReplayBuffer(spaces, 0), 60);
        var folded = new ReplayBuffer(spaces, 60);
        try (var kernels = new Nd4jKernels();
                var world = new EnvironmentSpec("pointmass-easy").open()) {
            var seeds = new Seeds(7);
            var setup = new LearnerSetup(spaces, 1, 60, kernels, seeds.generator("initialisation", 0));
            var policy = PolicyLearner.of(spec.config().learner(setup)).policy();
            var interaction = new Interaction(spec, world, replay, policy, kernels, seeds);
            interaction.actBefore(50); // the first episode, which is cut off after 50 steps
            interaction.sinceCheckpoint().forEach(spaces, (from, action, step, possible) -> {
                folded.append(from, action, step.reward(), step.observation(), TerminalFlag.KEEPS_BOOTSTRAP);
                if (step.done()) {
                    folded.endEpisode();
                }
            });
        }
        ready.forEach(transformation -> transformation.apply(folded));
        folded.foldSteps(4, spec.config().discount());
        assertThat(replay.size()).isEqualTo(50);
        assertThat(drawn(replay)).isEqualTo(drawn(folded)).hasSize(50);
    }

    /** All rows, by drawing until each has surely come. */
    private static Set<String> drawn(Replay rows) {
        var batch = new Batch(rows.spaces(), 2000);
        rows.sample(new Seeds(1).generator("draw", 0), batch);
        var found = new HashSet<String>();
        for (var b = 0; b < batch.size(); b++) {
            found.add(batch.observations()[2 * b] + " " + batch.observations()[2 * b + 1] + " "
                    + batch.actionIndices()[b] + " " + batch.rewards()[b] + " " + batch.nextObservations()[2 * b] + " "
                    + batch.nextObservations()[2 * b + 1] + " " + batch.stopsBootstrap()[b] + " " + batch.steps()[b]);
        }
        return found;
    }

    @Test
    void whatTheDatasetsRowsWentThroughTheAgentsGoThroughToo() {
        var spaces = new Spaces(3, new ActionSpace.Continuous(1, -2, 2));
        var scaler = new Scaler(List.of(1.0, 0.0, 0.0), List.of(2.0, 1.0, 1.0), 0);
        var spec = with(
                spec("awr", "actor.hidden-layers = [4], value.hidden-layers = [4]", 0, 1, "steps = 5"),
                List.of(
                        new Transformation.Reward(10, -1),
                        new Transformation.Standardise(scaler),
                        new Transformation.ClipActions(0.9)));
        var replay = new OnlineReplay(new ReplayBuffer(spaces, 0), 5);
        try (var kernels = new Nd4jKernels();
                var world = new EnvironmentSpec("pendulum").open()) {
            var seeds = new Seeds(7);
            var setup = new LearnerSetup(spaces, 1, 5, kernels, seeds.generator("initialisation", 0));
            var interaction = new Interaction(
                    spec,
                    world,
                    replay,
                    PolicyLearner.of(spec.config().learner(setup)).policy(),
                    kernels,
                    seeds);
            interaction.actBefore(1);
            interaction.sinceCheckpoint().forEach(spaces, (from, action, step, possible) -> {
                var batch = new Batch(spaces, 1);
                replay.sample(seeds.generator("draw", 0), batch);
                assertThat(batch.rewards()[0]).isEqualTo((float) (10 * step.reward() - 1));
                assertThat(batch.observations()[0]).isEqualTo((from[0] - 1) / 2);
                assertThat(batch.nextObservations()[0]).isEqualTo((step.observation()[0] - 1) / 2);
                var torque = ((Action.Vector) action).values()[0];
                assertThat(batch.actions()[0]).isCloseTo(Math.max(-0.1f, Math.min(0.1f, torque / 2)), offset(1e-6f));
            });
        }
    }

    @Test
    void theNewestStepsTakeThePlaceOfTheOldest() {
        var spaces = new Spaces(1, new ActionSpace.Discrete(2));
        var dataset = new ReplayBuffer(spaces, 1);
        dataset.append(new float[1], new Action.Index(0), 100, new float[1], TerminalFlag.KEEPS_BOOTSTRAP);
        var replay = new OnlineReplay(dataset, 2);
        for (var i = 1; i <= 5; i++) {
            replay.add(
                    new float[1], new Action.Index(1), i, new float[1], TerminalFlag.KEEPS_BOOTSTRAP, 1, Possible.ALL);
        }
        var batch = new Batch(spaces, 200);
        replay.sample(new Seeds(1).generator("draw", 0), batch);
        assertThat(replay.size()).isEqualTo(3);
        assertThat(batch.rewards()).containsOnly(100, 4, 5);
        var demonstrations = new Batch(spaces, 50);
        replay.dataset().sample(new Seeds(1).generator("draw", 0), demonstrations);
        assertThat(demonstrations.rewards()).containsOnly(100);
    }

    @Test
    void aWorldThatDoesNotRepeatItselfCannotBeResumedIn() {
        var spec = spec("dqn", SMALL, 0, 1, "steps = 30, epsilon = 1");
        TrainingLoop.run(spec, dataset(), store("s"), Retention.ALL, new Drifting(), null, at(15));
        assertThatThrownBy(() ->
                        TrainingLoop.run(spec, dataset(), store("s"), Retention.ALL, new Drifting(), null, never()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("drifting does not do again what it did from the same seed and actions");
    }

    @Test
    void anAnswerThatIsNoneEndsTheRunAndIsNotLearnedFrom() {
        var spec = spec("dqn", SMALL, 0, 1, "steps = 30, epsilon = 1");
        var world = new Drifting() {
            private int steps;

            @Override
            public Step step(Action action) {
                return ++steps == 7 ? new Step(new float[] {0, Float.NaN}, 0, false, false) : super.step(action);
            }
        };
        var result = TrainingLoop.run(spec, dataset(), store("s"), Retention.ALL, world, null, never());
        assertThat(result.outcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(result.outcome().reason())
                .isEqualTo("Cannot go on acting in drifting: in step 6 observation[1] is NaN; mend the environment, and"
                        + " train again: it goes on from the last checkpoint");
        assertThat(result.updates()).isEqualTo(6);
    }

    @Test
    void aReturnThatCannotBeToldIsAGapAndAWarning() {
        var spec = spec("dqn", SMALL, 0, 1, "steps = 30, epsilon = 1");
        var warnings = new ArrayList<String>();
        var listener = new TrainingLoop.Listener() {
            @Override
            public void warning(long step, String text) {
                warnings.add(step + ": " + text);
            }
        };
        TrainingLoop.Evaluation evaluation = checkpoint -> {
            if (checkpoint.step() == 0) {
                throw new TrainingLoop.Unjudged("1 of 2 episodes broke");
            }
            return 5;
        };
        var result = TrainingLoop.run(spec, dataset(), store("u"), Retention.ALL, new Drifting(), evaluation, listener);
        assertThat(warnings).contains("0: no return is logged: 1 of 2 episodes broke");
        assertThat(result.metrics())
                .filteredOn(metric -> metric.name().equals(TrainingLoop.RETURN))
                .isNotEmpty()
                .allMatch(metric -> metric.value() == 5 && metric.step() > 0);
    }

    @Test
    void epsilonChangesLinearlyFromTheFirstStepToTheLast() {
        var config = online("steps = 101, epsilon = 0.4, epsilon-final = 0.02");
        assertThat(config.epsilonAt(0)).isEqualTo(0.4);
        assertThat(config.epsilonAt(50)).isCloseTo(0.21, offset(1e-12));
        assertThat(config.epsilonAt(100)).isCloseTo(0.02, offset(1e-12));
    }

    @Test
    void aWarmUpThatLeavesNoStepIsRefused() {
        assertThatThrownBy(() -> online("steps = 10, warm-up = 10"))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot use online.warm-up = 10 with online.steps = 10: no step would be left to learn from;"
                                + " lower it");
    }

    private TrainingLoop.Result run(RunSpec spec, String store, TrainingLoop.Listener listener) {
        try (var world = new EnvironmentSpec("pointmass-easy").open()) {
            return TrainingLoop.run(spec, dataset(), store(store), Retention.ALL, world, null, listener);
        }
    }

    private static OnlineConfig online(String settings) {
        return Settings.read(OnlineConfig.class, ConfigFactory.parseString(settings), "online");
    }

    private TrainingLoop.Result swing(RunSpec spec, String store, TrainingLoop.Listener listener) {
        try (var world = new EnvironmentSpec("pendulum").open()) {
            return TrainingLoop.run(spec, swings(), store(store), Retention.ALL, world, null, listener);
        }
    }

    private static RunSpec spec(String learner, String settings, long offline, int nStep, String online) {
        return spec(learner, settings, offline, nStep, online, "pointmass-easy");
    }

    private static RunSpec spec(
            String learner, String settings, long offline, int nStep, String online, String environment) {
        var config = LearnerConfig.read(learner, ConfigFactory.parseString(settings), "test");
        var acts = online(online);
        return new RunSpec(
                "name",
                "all",
                "fingerprint",
                learner,
                Settings.toMap((Record) config),
                7,
                offline + acts.updates(),
                16,
                nStep,
                5,
                10,
                false,
                List.of(),
                false,
                null,
                new RunSpec.Online(Map.of("name", environment), offline, Settings.toMap(acts)));
    }

    private static RunSpec with(RunSpec spec, List<Transformation> transformations) {
        return new RunSpec(
                spec.name(),
                spec.subset(),
                spec.subsetFingerprint(),
                spec.learner(),
                spec.settings(),
                spec.seed(),
                spec.updates(),
                spec.batchSize(),
                spec.nStep(),
                spec.logEvery(),
                spec.checkpointEvery(),
                spec.truncationIsTerminal(),
                transformations,
                spec.timeDiscount(),
                spec.warmStart(),
                spec.online());
    }

    private static ReplayBuffer dataset() {
        var data = new ReplayBuffer(new Spaces(2, new ActionSpace.Discrete(5)), 20);
        var random = new Seeds(3).generator("test data", 0);
        for (var i = 0; i < 20; i++) {
            data.append(
                    new float[] {random.nextFloat(), random.nextFloat()},
                    new Action.Index(random.nextInt(5)),
                    -1,
                    new float[] {random.nextFloat(), random.nextFloat()},
                    TerminalFlag.KEEPS_BOOTSTRAP);
        }
        return data;
    }

    /** Two episodes of ten steps of a pendulum, whose returns are far above what a fresh critic says. */
    private static ReplayBuffer swings() {
        var spaces = new Spaces(3, new ActionSpace.Continuous(1, -2, 2));
        var data = new ReplayBuffer(RowLayout.of(spaces).with(Set.of(Field.RETURN_TO_GO)), 20);
        var random = new Seeds(3).generator("test data", 0);
        for (var i = 0; i < 20; i++) {
            var action = new Action.Vector(new float[] {4 * random.nextFloat() - 2});
            data.append(some(random), action, 1, some(random), TerminalFlag.KEEPS_BOOTSTRAP);
            if (i % 10 == 9) {
                data.endEpisode();
            }
        }
        data.sumUpAhead(0.99, CutReturn.CONTINUED);
        return data;
    }

    private static float[] some(RandomGenerator random) {
        return new float[] {random.nextFloat(), random.nextFloat(), random.nextFloat()};
    }

    private CheckpointStore store(String name) {
        return new CheckpointStore(folder.resolve(name).toString(), new Configuration());
    }

    private byte[] bytes(String store, RunSpec spec, long step, String part) throws IOException {
        return Files.readAllBytes(folder.resolve(store)
                .resolve(CheckpointStore.location(spec.id(), step))
                .resolve(part));
    }

    private static TrainingLoop.Listener never() {
        return at(-1);
    }

    /** Stops a run before the update after {@code step}. */
    private static TrainingLoop.Listener at(long step) {
        return new TrainingLoop.Listener() {
            private long asked = -1;
            private boolean stopped;

            @Override
            public void starts(long first, String kernels) {
                asked = first - 1;
            }

            @Override
            public @Nullable String stopReason() {
                asked++;
                if (asked == step && !stopped) {
                    stopped = true;
                    return "stopped";
                }
                return null;
            }
        };
    }

    /** Counts steps. */
    private static final class Counting implements Environment {
        private final Environment world;
        private int steps;

        Counting(Environment world) {
            this.world = world;
        }

        @Override
        public String name() {
            return world.name();
        }

        @Override
        public int observationSize() {
            return world.observationSize();
        }

        @Override
        public ActionSpace actionSpace() {
            return world.actionSpace();
        }

        @Override
        public int maxEpisodeSteps() {
            return world.maxEpisodeSteps();
        }

        @Override
        public float[] reset(RandomGenerator random) {
            return world.reset(random);
        }

        @Override
        public Step step(Action action) {
            steps++;
            return world.step(action);
        }
    }

    /** Never does the same twice. */
    private static class Drifting implements Environment {
        private static float drift;

        @Override
        public String name() {
            return "drifting";
        }

        @Override
        public int observationSize() {
            return 2;
        }

        @Override
        public ActionSpace actionSpace() {
            return new ActionSpace.Discrete(5);
        }

        @Override
        public int maxEpisodeSteps() {
            return 1000;
        }

        @Override
        public float[] reset(RandomGenerator random) {
            return new float[] {drift++, 0};
        }

        @Override
        public Step step(Action action) {
            return new Step(new float[] {drift++, 0}, 0, false, false);
        }
    }
}
