package io.hindcast.data;

import java.util.random.RandomGenerator;

/** Noise from a generator, in the order of the draws; the names do not matter to it. */
public record SeededNoise(RandomGenerator random) implements Noise {
    @Override
    public void normal(String name, float[] target) {
        for (var i = 0; i < target.length; i++) {
            target[i] = (float) random.nextGaussian();
        }
    }

    @Override
    public void uniform(String name, float[] target) {
        for (var i = 0; i < target.length; i++) {
            target[i] = 2 * random.nextFloat() - 1;
        }
    }

    @Override
    public void indices(String name, int bound, int[] target) {
        for (var i = 0; i < target.length; i++) {
            do {
                target[i] = random.nextInt(bound);
            } while (taken(target, i));
        }
    }

    private static boolean taken(int[] indices, int i) {
        for (var j = 0; j < i; j++) {
            if (indices[j] == indices[i]) {
                return true;
            }
        }
        return false;
    }
}
