package io.hindcast.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.env.Environments;
import io.hindcast.env.PointMass;
import io.hindcast.env.Wanderer;
import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The set that the wanderer's documentation describes, and that its pieces are worth more than its episodes. */
final class StitchingDataTest {
    private static final int ACTIONS = 5;
    /** Half a cell of the 6 x 6 maze. */
    private static final int GRID = 12;

    private static final List<List<Transition>> EPISODES = new ArrayList<>();

    @BeforeAll
    static void collect() {
        var environment = (PointMass) Environments.named("pointmass-medium");
        var wanderer = new Wanderer(Settings.defaults(Wanderer.Config.class), environment);
        var collector = new Collector(environment, wanderer, new Seeds(1006));
        for (var i = 0; i < 79; i++) {
            EPISODES.add(collector.episode(i));
        }
    }

    @Test
    void itsFiguresAreTheDocumentedOnes() {
        var returns = EPISODES.stream().mapToDouble(StitchingDataTest::sum).summaryStatistics();
        assertThat(EPISODES.stream().mapToInt(List::size).sum()).isEqualTo(8182);
        assertThat(returns.getAverage()).isCloseTo(-102.97, within(0.005));
        assertThat(returns.getMax()).isEqualTo(-46);
        assertThat(returns.getMin()).isEqualTo(-150);
        assertThat(EPISODES.stream()
                        .filter(episode -> episode.get(episode.size() - 1).truncated()))
                .hasSize(32);

        var best = best();
        assertThat(best.stream().mapToInt(List::size).sum()).isEqualTo(411);
        assertThat(best.stream().mapToDouble(StitchingDataTest::sum).average().orElseThrow())
                .isCloseTo(-50.4, within(0.05));
    }

    @Test
    void valueIterationOnTheSetComesNearTheShortestWay() {
        assertThat(meanReturn(stitched())).isBetween(-26.0, -19.0);
    }

    @Test
    void theCommonestActionOfTheBestEpisodesDoesNot() {
        var counts = new int[GRID * GRID][ACTIONS];
        for (var episode : best()) {
            for (var transition : episode) {
                counts[place(transition.observation())][action(transition)]++;
            }
        }
        var policy = new int[GRID * GRID];
        for (var place = 0; place < policy.length; place++) {
            for (var action = 1; action < ACTIONS; action++) {
                if (counts[place][action] > counts[place][policy[place]]) {
                    policy[place] = action;
                }
            }
        }
        assertThat(meanReturn(policy)).isLessThan(-45);
    }

    /** The greedy policy of the values (discount 0.95) of a world that moves as often as in the set from place to place. */
    private static int[] stitched() {
        var transitions = EPISODES.stream().flatMap(List::stream).toList();
        var counts = new int[GRID * GRID][ACTIONS];
        for (var transition : transitions) {
            counts[place(transition.observation())][action(transition)]++;
        }
        var policy = new int[GRID * GRID];
        var values = new double[GRID * GRID];
        for (var sweep = 0; sweep < 200; sweep++) {
            var q = new double[GRID * GRID][ACTIONS];
            for (var transition : transitions) {
                var place = place(transition.observation());
                var next = transition.terminated() ? 0 : values[place(transition.nextObservation())];
                q[place][action(transition)] += (transition.reward() + 0.95 * next) / counts[place][action(transition)];
            }
            for (var place = 0; place < policy.length; place++) {
                values[place] = -20;
                for (var action = 0; action < ACTIONS; action++) {
                    if (counts[place][action] > 0 && q[place][action] > values[place]) {
                        values[place] = q[place][action];
                        policy[place] = action;
                    }
                }
            }
        }
        return policy;
    }

    private static double meanReturn(int[] policy) {
        var environment = Environments.named("pointmass-medium");
        var seeds = new Seeds(1);
        var total = 0.0;
        for (var episode = 0; episode < 200; episode++) {
            var observation = environment.reset(seeds.generator("test", episode));
            for (var done = false; !done; ) {
                var step = environment.step(new Action.Index(policy[place(observation)]));
                total += step.reward();
                observation = step.observation();
                done = step.done();
            }
        }
        return total / 200;
    }

    private static List<List<Transition>> best() {
        return EPISODES.stream()
                .sorted(Comparator.comparingDouble(episode -> -sum(episode)))
                .limit(8)
                .toList();
    }

    private static double sum(List<Transition> episode) {
        return episode.stream().mapToDouble(Transition::reward).sum();
    }

    private static int action(Transition transition) {
        return ((Action.Index) transition.action()).index();
    }

    private static int place(float[] observation) {
        var row = Math.min((int) (observation[0] * GRID), GRID - 1);
        var column = Math.min((int) (observation[1] * GRID), GRID - 1);
        return row * GRID + column;
    }
}
