package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.run.Seeds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GymnasiumEnvironmentTest {
    private static final ActionSpace APART = new ActionSpace.Continuous(List.of(-1.0, 0.0), List.of(3.0, 10.0));

    private final List<String> notices = new ArrayList<>();

    @TempDir
    Path folder;

    @BeforeEach
    void hearNotices() {
        Notices.to(notices::add);
    }

    @AfterEach
    void noWorkerIsLeft() {
        // One that was killed takes a moment to be gone.
        workers().forEach(worker -> assertThat(worker.onExit()).succeedsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void anEnvironmentOfTheRegistryShowsItsSpacesAndItsStepLimit() {
        try (var worlds = Workers.registered("CartPole-v1", 1)) {
            assertThat(worlds.observationSize()).isEqualTo(4);
            assertThat(worlds.actionSpace()).isEqualTo(new ActionSpace.Discrete(2));
            assertThat(worlds.maxEpisodeSteps()).isEqualTo(500);
        }
    }

    @Test
    void gymnasiumsCartPoleMovesAsOurs() {
        try (var theirs = Workers.registered("CartPole-v1", 1)) {
            var ours = new CartPole();
            var seen = theirs.reset(0, new Seeds(3).generator("episode", 0));
            for (var done = false; !done; ) {
                ours.place(doubles(seen));
                var step = step(theirs, new Action.Index(seen[2] > 0 ? 1 : 0));
                var expected = ours.step(new Action.Index(seen[2] > 0 ? 1 : 0));
                assertThat(step.observation()).containsExactly(expected.observation(), within(1e-5f));
                assertThat(step.reward()).isEqualTo(expected.reward());
                assertThat(step.terminated()).isEqualTo(expected.terminated());
                assertThat(step.success()).isNull();
                seen = step.observation();
                done = step.done();
            }
        }
    }

    @Test
    void anEpisodeIsAFunctionOfItsSeedWhateverTheOtherInstancesDo() {
        var alone = new ArrayList<float[]>();
        var first = new Action.Vector(new float[] {0.5f});
        try (var worlds = Workers.world("Moody", "kwargs { what = prints }", 1)) {
            alone.add(worlds.reset(0, new Seeds(1).generator("episode", 7)));
            for (var i = 0; i < 9; i++) {
                alone.add(step(worlds, first).observation());
            }
        }
        try (var worlds = Workers.world("Moody", "kwargs { what = prints }", 3)) {
            var together = new ArrayList<float[]>();
            worlds.reset(0, new Seeds(1).generator("episode", 5));
            together.add(worlds.reset(2, new Seeds(1).generator("episode", 7)));
            for (var i = 0; i < 9; i++) {
                var results = worlds.step(new @Nullable Action[] {i % 2 == 0 ? first : null, null, first});
                assertThat(results[1]).isNull();
                assertThat(results[0] == null).isEqualTo(i % 2 == 1);
                together.add(Objects.requireNonNull(results[2]).observation());
            }
            assertThat(together).usingRecursiveComparison().isEqualTo(alone);
        }
    }

    @Test
    void whatAnEnvironmentOrItsProgramsPrintSpoilsNothing() {
        try (var worlds = Workers.world("Moody", "kwargs { what = prints }, restarts = 0", 1)) {
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            for (var i = 1; i <= 9; i++) {
                assertThat(step(worlds, new Action.Vector(new float[] {0})).truncated())
                        .isEqualTo(i == 9);
            }
        }
        assertThat(notices).isEmpty();
    }

    @Test
    void observationsOfManyPartsAreFlatAndAnActionIsItsIndex() {
        try (var worlds = Workers.world("Mixed", "", 1)) {
            assertThat(worlds.actionSpace()).isEqualTo(new ActionSpace.Discrete(3));
            assertThat(worlds.reset(0, new Seeds(1).generator("episode", 0)))
                    .containsExactly(0.25f, 0.5f, 0.75f, 1, 1, 0, 0, 1, 0);
            var first = step(worlds, new Action.Index(2));
            assertThat(first.observation()).containsExactly(0.25f, 0.5f, 0.75f, 1, 0, 0, 1, 1, 0);
            assertThat(first.reward()).isEqualTo(7);
            assertThat(first.success()).isFalse();
            assertThat(step(worlds, new Action.Index(0)).success()).isTrue();
        }
    }

    @Test
    void everyEntryHasItsOwnBounds() {
        try (var worlds = Workers.world("Echo", "", 1)) {
            assertThat(worlds.actionSpace()).isEqualTo(APART);
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(step(worlds, new Action.Vector(new float[] {-1, 10})).observation())
                    .containsExactly(-1, 10);
            assertThat(step(worlds, new Action.Vector(new float[] {-7, 12})).observation())
                    .containsExactly(-1, 10);
        }
    }

    @Test
    void whatLearnedFromActionsBetweenMinusOneAndOneActsWithinBoundsThatDiffer() {
        var learned = new Spaces(2, new ActionSpace.Continuous(2, -1, 1));
        try (var worlds = Workers.echo(1, learned)) {
            assertThat(worlds.spaces()).isEqualTo(learned);
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(step(worlds, new Action.Vector(new float[] {-1, 1})).observation())
                    .containsExactly(-1, 10);
            assertThat(step(worlds, new Action.Vector(new float[] {0.5f, 0})).observation())
                    .containsExactly(2, 5);
        }
    }

    @Test
    void actionsOfSeveralNumbersAreOneIndexAndUndoneWhenStepping() {
        try (var worlds = Workers.world("Several", "", 1)) {
            assertThat(worlds.actionSpace()).isEqualTo(ActionSpace.Discrete.ofFactors(List.of(3, 2), List.of(1, 0)));
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(step(worlds, new Action.Index(0)).observation()).containsExactly(1, 0);
            assertThat(step(worlds, new Action.Index(5)).observation()).containsExactly(3, 1);
        }
        try (var worlds = Workers.world("Several", "kwargs { flags = 3 }", 1)) {
            assertThat(worlds.actionSpace()).isEqualTo(ActionSpace.Discrete.ofFactors(List.of(2, 2, 2), List.of()));
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(step(worlds, new Action.Index(6)).observation()).containsExactly(1, 1, 0);
        }
        assertThatThrownBy(() -> Workers.world("Several", "kwargs { flags = 13 }", 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "hindcast knows at most 4096 combinations of actions, and MultiBinary(13) has 8192");
    }

    @Test
    void boundsAreTheSameIfTheyAreInSinglePrecision() {
        var learned = new Spaces(2, new ActionSpace.Continuous(2, -0.4f, 0.4f));
        assertThat(EnvironmentSpec.fits(learned, new Spaces(2, new ActionSpace.Continuous(2, -0.4, 0.4))))
                .isTrue();
        assertThat(EnvironmentSpec.fits(learned, new Spaces(2, new ActionSpace.Continuous(2, -0.4, 0.40001))))
                .isFalse();
        assertThat(EnvironmentSpec.fits(new Spaces(2, new ActionSpace.Continuous(2, -2, 2)), new Spaces(2, APART)))
                .isFalse();
        assertThat(EnvironmentSpec.fits(new Spaces(3, APART), new Spaces(2, APART)))
                .isFalse();
    }

    @Test
    void boundsThatAreTheSameAreGivenAsTheyAreAndNothingBeyondThemArrives() {
        try (var worlds = Workers.world("Echo", "kwargs { low = [-0.4, -0.4], high = [0.4, 0.4] }", 1)) {
            assertThat(worlds.actionSpace()).isEqualTo(new ActionSpace.Continuous(2, -0.4, 0.4));
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            assertThat(step(worlds, new Action.Vector(new float[] {0.25f, 7})).observation())
                    .containsExactly(0.25f, 0.4f);
        }
    }

    @Test
    void anEnvironmentWithoutAStepLimitHasOneOfAMillionAndAGivenOneHolds() {
        try (var worlds = Workers.world("Echo", "", 1)) {
            assertThat(worlds.maxEpisodeSteps()).isEqualTo(1_000_000);
        }
        try (var worlds = Workers.world("Echo", "kwargs { max_episode_steps = 2 }", 1)) {
            assertThat(worlds.maxEpisodeSteps()).isEqualTo(2);
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            var action = new Action.Vector(new float[] {0, 0});
            assertThat(step(worlds, action).truncated()).isFalse();
            assertThat(step(worlds, action).truncated()).isTrue();
            assertThatThrownBy(() -> step(worlds, action))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith(": no episode is running in instance 0");
        }
    }

    @Test
    void anActionOfAnotherSpaceIsRefused() {
        try (var worlds = Workers.world("Echo", "", 1)) {
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            for (var wrong : List.of(
                    new Action.Index(0), new Action.Vector(new float[] {0}), new Action.Vector(new float[] {0, Float.NaN
                    }))) {
                assertThatThrownBy(() -> step(worlds, wrong))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("is not one of its actions");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gymnasium:CartPol-v1, '', NameNotFound: Environment `CartPol` doesn't exist. Did you mean: `CartPole`?",
        "gymnasium:no.such.module:World, '', ModuleNotFoundError: No module named 'no'",
        "gymnasium:CartPole-v1, 'kwargs { mass = 3 }', got an unexpected keyword argument 'mass'",
        "gymnasium:src.test.resources.io.hindcast.env.worlds:Echo, 'kwargs { dtype = int32 }', hindcast knows Discrete",
        "gymnasium:src.test.resources.io.hindcast.env.worlds:Echo, 'kwargs { high = [1, .inf] }', hindcast knows"
    })
    void anEnvironmentThatCannotBeMadeIsOneLine(String name, String settings, String reason) {
        Workers.require("requirements-gymnasium.txt");
        var spec = Workers.spec(name, settings.replace(".inf", "1e400"));
        assertThatThrownBy(() -> spec.open(1))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot open " + name + ": its Python worker says ")
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n")
                .hasMessageEndingWith("name packages it lacks in gymnasium.requirements");
    }

    @Test
    void whatAnEnvironmentRaisesIsAFaultOfItsEpisodeAndNothingIsReplaced() {
        try (var worlds = Workers.world("Moody", "kwargs { what = raises }", 2)) {
            for (var i = 0; i < 2; i++) {
                worlds.reset(i, new Seeds(1).generator("episode", i));
            }
            var action = new Action.Vector(new float[] {0});
            for (var t = 1; t <= 4; t++) {
                step(worlds, action);
            }
            var raised = step(worlds, action);
            assertThat(raised.done()).isTrue();
            assertThat(raised.fault())
                    .isEqualTo(new Fault(Fault.Kind.OTHER, "the environment raised ValueError: the motor is hot"));
            assertThatThrownBy(() -> step(worlds, action)).hasMessageContaining("no episode is running");
            worlds.reset(0, new Seeds(1).generator("episode", 0)); // the worker is well
            assertThat(step(worlds, action).fault()).isNull();
        }
        assertThat(notices).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "dies, was ended by signal 9; it said last: out of memory",
        "hangs, did not answer in time",
        "garbles, answered with something else than a frame"
    })
    void aWorkerThatFailsIsReplacedAndTheEpisodesGoOnAsIfNothingHadBeen(String what, String reason) {
        List<float[]> undisturbed;
        try (var worlds = Workers.world("Moody", "kwargs { what = prints }", 2)) {
            undisturbed = play(worlds);
        }
        var settings = "kwargs { what = " + what + ", once = \"" + folder.resolve("once") + "\" }, step-timeout = 2s";
        try (var worlds = Workers.world("Moody", settings, 2)) {
            assertThat(play(worlds)).usingRecursiveComparison().isEqualTo(undisturbed);
        }
        assertThat(notices).singleElement().asString().contains(reason).contains("it is replaced (1 of 3)");
    }

    @Test
    void aWorkerIsReplacedAsOftenAsIsAllowed() {
        try (var worlds = Workers.world("Moody", "kwargs { what = dies }, restarts = 2", 1)) {
            assertThatThrownBy(() -> play(worlds))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("its Python worker was ended by signal 9; it said last: out of memory, or so")
                    .hasMessageEndingWith(
                            "it was replaced 2 times, as gymnasium.restarts allows; mend the environment, or raise"
                                    + " that or gymnasium.step-timeout");
        }
        assertThat(notices).hasSize(2);
    }

    @Test
    void anEpisodeThatCannotBePlayedAgainIsNotGoneOnWith() {
        var settings = "kwargs { what = dies, once = \"" + folder.resolve("once") + "\" }";
        try (var worlds = Workers.world("Forgetful", settings, 1)) {
            assertThatThrownBy(() -> play(worlds))
                    .isInstanceOf(UserException.class)
                    .hasMessageEndingWith(
                            "the environment draws chance from elsewhere than its seed; mend that, or what ended"
                                    + " the worker");
        }
    }

    @Test
    void aClosedOneIsOfNoMoreUse() {
        var worlds = Workers.world("Echo", "", 1);
        worlds.close();
        worlds.close();
        assertThatThrownBy(() -> worlds.reset(0, new Seeds(1).generator("episode", 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith(": it is closed");
    }

    /** All observations of an episode in every instance, stepped together. */
    private static List<float[]> play(VectorEnvironment worlds) {
        var seen = new ArrayList<float[]>();
        var actions = new @Nullable Action[worlds.size()];
        for (var i = 0; i < worlds.size(); i++) {
            seen.add(worlds.reset(i, new Seeds(1).generator("episode", i)));
        }
        for (var t = 1; t <= 9; t++) {
            for (var i = 0; i < worlds.size(); i++) {
                actions[i] = new Action.Vector(new float[] {t / 10f});
            }
            for (var step : worlds.step(actions)) {
                seen.add(Objects.requireNonNull(step).observation());
            }
        }
        return seen;
    }

    private static Environment.Step step(VectorEnvironment worlds, Action action) {
        var actions = new @Nullable Action[worlds.size()];
        actions[0] = action;
        return Objects.requireNonNull(worlds.step(actions)[0]);
    }

    private static double[] doubles(float[] values) {
        var doubles = new double[values.length];
        for (var i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    private static List<ProcessHandle> workers() {
        return ProcessHandle.current()
                .descendants()
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info().commandLine().orElse("").contains("worker.py"))
                .toList();
    }
}
