package io.hindcast.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RandomBehaviourTest {
    private final SplittableRandom random = new SplittableRandom(5);

    @Test
    void everyDiscreteActionIsAsLikelyAndSaysSo() {
        var behaviour = new RandomBehaviour(new ActionSpace.Discrete(5));
        var counts = new int[5];
        for (var i = 0; i < 5000; i++) {
            var choice = behaviour.act(new float[2], null, random);
            counts[((Action.Index) choice.action()).index()]++;
            assertThat(choice.logProbability().orElseThrow()).isCloseTo(Math.log(0.2), within(1e-12));
        }
        // 1000 each, standard deviation 28.
        assertThat(counts).satisfies(all -> {
            for (var count : all) {
                assertThat(count).isBetween(860, 1140);
            }
        });
    }

    @Test
    void aVectorFillsItsBoxWithTheDensityOfItsVolume() {
        var behaviour = new RandomBehaviour(new ActionSpace.Continuous(2, -2, 2));
        var least = Float.MAX_VALUE;
        var greatest = -Float.MAX_VALUE;
        for (var i = 0; i < 1000; i++) {
            var choice = behaviour.act(new float[3], null, random);
            for (var value : ((Action.Vector) choice.action()).values()) {
                least = Math.min(least, value);
                greatest = Math.max(greatest, value);
            }
            assertThat(choice.logProbability().orElseThrow()).isCloseTo(Math.log(1.0 / 16), within(1e-12));
        }
        assertThat(least).isBetween(-2f, -1.9f);
        assertThat(greatest).isBetween(1.9f, 2f);
    }
}
