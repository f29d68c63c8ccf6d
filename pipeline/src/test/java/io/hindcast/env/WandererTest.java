package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class WandererTest {
    private final PointMass medium = (PointMass) Environments.named("pointmass-medium");

    @Test
    void withoutChanceOrDetourItTakesTheShortestWay() {
        var straight = new Wanderer(new Wanderer.Config(0, 0, 0, 0, 0, 5, 6), medium);
        straight.begin(new SplittableRandom(1));
        var observation = medium.place(medium.maze().start());
        var steps = 0;
        for (var reached = false; !reached; steps++) {
            var choice = straight.act(observation, null, new SplittableRandom(1));
            var step = medium.step(((Action.Index) choice.action()).index(), 0, 0);
            observation = step.observation();
            reached = step.terminated();
        }
        // 20 cells; in the last one the goal region is reached before the cell's centre.
        assertThat(steps).isEqualTo(20);
    }

    @Test
    void itRestsAtAWaypointUntilItHeadsForTheGoal() {
        // Within 0 cells of the start there is only the start.
        var config = new Wanderer.Config(0, 0, 5, 5, 1000, 0, 6);
        var wanderer = new Wanderer(config, medium);
        var random = new SplittableRandom(1);
        wanderer.begin(random);
        var observation = medium.place(medium.maze().start());
        for (var i = 0; i < 5; i++) {
            assertThat(wanderer.act(observation, null, random).action()).isEqualTo(new Action.Index(0));
        }
        assertThat(wanderer.act(observation, null, random).action()).isEqualTo(new Action.Index(2));
    }

    @Test
    void anAimlessOneNeverArrives() {
        var defaults = Settings.defaults(Wanderer.Config.class);
        var config = new Wanderer.Config(defaults.epsilon(), 1, 0, 0, defaults.maxRest(), 0, defaults.keepAway());
        var wanderer = new Wanderer(config, medium);
        for (var seed = 0; seed < 20; seed++) {
            var random = new SplittableRandom(seed);
            wanderer.begin(random);
            var observation = medium.reset(random.split());
            Environment.Step step;
            do {
                step = medium.step(wanderer.act(observation, null, random).action());
                observation = step.observation();
            } while (!step.done());
            assertThat(step.truncated()).isTrue();
        }
    }

    /** Of the uniform policy, by logs of two steps: each of the five actions is the second one in a fifth of all weight. */
    @Test
    void weightsOfItsProbabilitiesAreRightOnAverage() {
        var wanderer = new Wanderer(Settings.defaults(Wanderer.Config.class), medium);
        var random = new SplittableRandom(5);
        var episodes = 20_000;
        var shares = new double[PointMass.ACTIONS];
        for (var i = 0; i < episodes; i++) {
            wanderer.begin(random);
            var first = wanderer.act(medium.reset(random), null, random);
            var second = wanderer.act(medium.step(first.action()).observation(), null, random);
            shares[((Action.Index) second.action()).index()] += weight(first) * weight(second) / episodes;
        }
        assertThat(shares).containsExactly(new double[] {0.2, 0.2, 0.2, 0.2, 0.2}, within(0.05));
    }

    private static double weight(Behaviour.Choice choice) {
        return 1.0 / PointMass.ACTIONS / Math.exp(choice.logProbability().orElseThrow());
    }

    @Test
    void aStartTooNearTheGoalIsRefused() {
        assertThatThrownBy(() -> new Wanderer(new Wanderer.Config(0, 0, 0, 0, 0, 5, 21), medium))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot wander in pointmass-medium: its start is 20 cells from the goal, "
                        + "nearer than keep-away = 21; lower wanderer.keep-away");
    }

    @Test
    void aRangeTheWrongWayRoundIsRefused() {
        assertThatThrownBy(() -> new Wanderer.Config(0, 0, 9, 8, 0, 5, 1))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use min-detour = 9: it is above max-detour = 8; swap them");
        assertThatThrownBy(() ->
                        Settings.read(Wanderer.Config.class, ConfigFactory.parseString("epsilon = 1.5"), "wanderer"))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot use wanderer.epsilon = 1.5: it must be in [0, 1]");
    }
}
