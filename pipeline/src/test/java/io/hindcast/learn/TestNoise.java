package io.hindcast.learn;

import io.hindcast.data.Noise;
import io.hindcast.data.SeededNoise;
import java.util.SplittableRandom;

/** Noise as a function of a step. */
final class TestNoise implements Noise {
    private final SplittableRandom random;

    TestNoise(long step) {
        random = new SplittableRandom(step ^ 0x5eed);
    }

    @Override
    public void normal(String name, float[] target) {
        new SeededNoise(random).normal(name, target);
    }

    @Override
    public void uniform(String name, float[] target) {
        new SeededNoise(random).uniform(name, target);
    }

    @Override
    public void indices(String name, int bound, int[] target) {
        var first = random.nextInt(bound);
        for (var i = 0; i < target.length; i++) {
            target[i] = (first + i) % bound;
        }
    }
}
