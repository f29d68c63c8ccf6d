package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.data.Action;
import io.hindcast.env.Environment.Step;
import io.hindcast.run.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Environments that say what is no observation, reward or flag. */
class BadAnswerTest {
    private static final Action SMALL = new Action.Vector(new float[] {0.5f});
    private static final Action ACTION = new Action.Vector(new float[] {0.5f, 0});

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nan          | NOT_FINITE | observation[0] is NaN",
                "inf          | NOT_FINITE | observation[1] is -Infinity, or beyond single precision (3.4e38)",
                "huge         | NOT_FINITE | observation[1] is Infinity, or beyond single precision (3.4e38)",
                "none         | NOT_FINITE | the observation is None: None",
                "none in part | NOT_FINITE | the observation is None in part: [None, 1.0]",
                "text         | OTHER      | the observation is ['1', '2'], no numbers",
                "three        | WRONG_SIZE | the observation is of shape (3,), not (2,)",
                "scalar       | WRONG_SIZE | the observation is of shape (), not (2,)",
                "reward nan   | NOT_FINITE | the reward is NaN",
                "reward inf   | NOT_FINITE | the reward is Infinity",
                "reward huge  | NOT_FINITE | the reward is 1.0E300, beyond single precision (3.4e38)",
                "reward vast  | NOT_FINITE | the reward is Infinity",
                "reward none  | NOT_FINITE | the reward is None",
                "reward text  | OTHER      | the reward is '1', not a number",
                "reward pair  | OTHER      | the reward is array([0., 0.]), not a number",
                "flag none    | NOT_FINITE | terminated is None, neither true nor false",
                "flag text    | OTHER      | truncated is 'False', neither true nor false",
                "flag two     | OTHER      | truncated is 2, neither true nor false",
                "info none    | OTHER      | the environment raised AttributeError: 'NoneType' object has no attribute 'get'",
                "raises       | OTHER      | the environment raised ValueError: ?[31mthe motor is hot?",
            })
    void aStepThatIsNoAnswerEndsItsEpisodeAndNoOther(String what, Fault.Kind kind, String detail) {
        // Seeds of the two episodes are such that only the first is evil.
        try (var worlds = Workers.world("Evil", "restarts = 0, kwargs { share = 0.5, what = \"" + what + "\" }", 2)) {
            var seeds = new Seeds(1);
            var evil = 0;
            var sound = 0;
            for (var number = 0; number < 3; number++) {
                for (var i = 0; i < 2; i++) {
                    worlds.reset(i, seeds.generator("episode", 2 * number + i));
                }
                var running = new @Nullable Action[] {ACTION, ACTION};
                for (var t = 1; t <= 5; t++) {
                    var steps = worlds.step(running);
                    for (var i = 0; i < 2; i++) {
                        var step = steps[i];
                        if (step == null) {
                            continue;
                        }
                        var fault = Fault.of(step, 2);
                        if (fault == null) {
                            assertThat(step.observation()).containsExactly(t, 0.5f);
                            assertThat(step.reward()).isEqualTo(0.5);
                            sound += t == 5 ? 1 : 0;
                        } else {
                            assertThat(fault).isEqualTo(new Fault(kind, detail));
                            assertThat(t).isEqualTo(3);
                            running[i] = null;
                            evil++;
                        }
                    }
                }
            }
            assertThat(evil).isBetween(1, 5);
            assertThat(sound).isEqualTo(6 - evil);
        }
    }

    @ParameterizedTest
    @CsvSource({"rounded", "reward array", "flag array", "success nan"})
    void whatCanBeReadIsRead(String what) {
        try (var worlds = Workers.world("Evil", "kwargs { at = 1, what = \"" + what + "\" }", 1)) {
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            var step = Objects.requireNonNull(worlds.step(new Action[] {ACTION})[0]);
            assertThat(Fault.of(step, 2)).isNull();
            assertThat(step.success()).isNull();
            assertThat(step.reward()).isEqualTo(0.5);
            assertThat(step.done()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nan    | observation[0] is NaN",
                "none   | the observation is None: None",
                "raises | the environment raised ValueError: ?[31mthe motor is hot?",
                "alone  | reset gave array([0. , 0.5]), not an observation and an info"
            })
    void anEpisodeThatCannotBeginSaysWhyAndTheNextIsTried(String what, String detail) {
        try (var worlds = Workers.world("Evil", "kwargs { at = 0, what = \"" + what + "\" }", 1)) {
            for (var number = 0; number < 2; number++) {
                var random = new Seeds(1).generator("episode", number);
                assertThatThrownBy(() -> BadAnswer.require(worlds.reset(0, random), 2))
                        .isInstanceOfSatisfying(
                                BadAnswer.class,
                                e -> assertThat(e.fault().detail()).isEqualTo(detail));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "place = 4                              | the observation is 4, which Discrete(3, start=1) does not hold",
                "place = -1                             | the observation is -1, which Discrete(3, start=1) does not hold",
                "place = 1.5                            | the observation is 1.5, which Discrete(3, start=1) does not hold",
                "place = null                           | the observation is None: None",
                "place = 0, tuple = true                | the observation[0] is 0, which Discrete(3, start=1) does not hold",
                "place = 1, tuple = true, number = nan  | the observation[1] is no numbers"
            })
    void aDiscreteObservationIsOneOfItsSpace(String settings, String detail) {
        try (var worlds = Workers.world("Places", "kwargs { " + settings + " }", 1)) {
            assertThatThrownBy(() -> worlds.reset(0, new Seeds(1).generator("episode", 0)))
                    .isInstanceOfSatisfying(
                            BadAnswer.class,
                            e -> assertThat(e.fault().detail())
                                    .startsWith(detail.replace("no numbers", "['nan'], no numbers")));
        }
    }

    @Test
    void observationsOutOfTheirBoundsAreCountedSaidOnceAndTakenAsTheyAre() {
        var said = new ArrayList<String>();
        Notices.to(said::add);
        try (var worlds = Workers.world("Stepping", "", 2)) {
            var seeds = new Seeds(1);
            // Each of two instances plays two episodes: steps 4 and 5 are above 3.
            for (var number = 0; number < 2; number++) {
                worlds.reset(0, seeds.generator("episode", number));
                worlds.reset(1, seeds.generator("episode", number));
                for (var t = 1; t <= 5; t++) {
                    for (var step : worlds.step(new Action[] {SMALL, SMALL})) {
                        assertThat(Objects.requireNonNull(step).observation()).containsExactly(t, -7);
                        assertThat(Fault.of(step, 2)).isNull();
                        assertThat(step.done()).isEqualTo(t == 5);
                    }
                }
                assertThat(worlds.outOfBounds()).isEqualTo(4 * (number + 1));
            }
        } finally {
            Notices.to(line -> {});
        }
        assertThat(said)
                .containsExactly(
                        "[python] gymnasium:src.test.resources.io.hindcast.env.worlds:Stepping: observation[0] is"
                                + " 4.0, above 3.0, a bound that its space declares; such observations are taken as they are, and"
                                + " counted; gymnasium.out-of-bounds = refuse ends their episodes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "most = 3, first = -0.5                | 3 | observation[0] is -0.5, below 0.0",
                "most = 5                              | 0 | ",
                "most = 0.4, unit = 0.1                | 1 | observation[0] is 0.5, above 0.4",
                "most = 3, first = 9, form = dict      | 3 | observation[2] is 9.0, above 3.0",
                "form = bytes                          | 0 | "
            })
    void boundsAreThoseOfTheWholeSpaceAndRoundingPassesNone(String settings, int count, @Nullable String detail) {
        try (var worlds = Workers.world("Stepped", "kwargs { " + settings + " }", 1)) {
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            for (var t = 1; t <= 5; t++) {
                worlds.step(new Action[] {SMALL});
            }
            assertThat(worlds.outOfBounds()).isEqualTo(count);
        }
        if (detail == null) {
            return;
        }
        try (var worlds = Workers.world("Stepped", "out-of-bounds = refuse, kwargs { " + settings + " }", 1)) {
            var fault = new Fault(Fault.Kind.OUT_OF_BOUNDS, detail + ", a bound that its space declares");
            if (count == 3) {
                assertThatThrownBy(() -> worlds.reset(0, new Seeds(1).generator("episode", 0)))
                        .isInstanceOfSatisfying(
                                BadAnswer.class, e -> assertThat(e.fault()).isEqualTo(fault));
                return;
            }
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            for (var t = 1; t <= 4; t++) {
                assertThat(Objects.requireNonNull(worlds.step(new Action[] {SMALL})[0])
                                .fault())
                        .isNull();
            }
            assertThat(Objects.requireNonNull(worlds.step(new Action[] {SMALL})[0])
                            .fault())
                    .isEqualTo(fault);
        }
    }

    @Test
    void whatAReplacedWorkerPlaysAgainCountsOnce(@TempDir Path folder) {
        var once = folder.resolve("once");
        try (var worlds = Workers.world("Stepped", "kwargs { most = 1, once = \"" + once + "\" }", 1)) {
            worlds.reset(0, new Seeds(1).generator("episode", 0));
            for (var t = 1; t <= 5; t++) {
                worlds.step(new Action[] {SMALL});
            }
            assertThat(once).exists();
            assertThat(worlds.outOfBounds()).isEqualTo(4);
        }
    }

    @Test
    void anEnvironmentOfThisJvmIsCheckedTheSame() {
        assertThat(Fault.of(new Step(new float[] {1, 2}, 3, false, false), 2)).isNull();
        assertThat(Fault.of(new Step(new float[] {1}, 3, false, false), 2))
                .isEqualTo(new Fault(Fault.Kind.WRONG_SIZE, "the observation has 1 numbers, not 2"));
        assertThat(Fault.of(new Step(new float[] {1, Float.NaN}, 3, false, false), 2))
                .isEqualTo(new Fault(Fault.Kind.NOT_FINITE, "observation[1] is NaN"));
        assertThat(Fault.of(new Step(new float[] {1, 2}, -1e39, false, false), 2))
                .isEqualTo(new Fault(Fault.Kind.NOT_FINITE, "the reward is -1.0E39, beyond single precision (3.4e38)"));
        assertThat(Fault.of(new Step(new float[] {-Float.MAX_VALUE, 2}, Float.MAX_VALUE, true, false), 2))
                .isNull();
    }
}
