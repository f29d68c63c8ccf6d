package io.hindcast.data;

/**
 * The random numbers that one update consumes. Each draw has a name, so that a test can hand in the numbers of a fixture; a
 * learner draws in a fixed order, so that a seed decides them all.
 */
public interface Noise {
    /** Fills {@code target} with standard normal numbers. */
    void normal(String name, float[] target);

    /** Fills {@code target} with numbers uniform in (-1, 1). */
    void uniform(String name, float[] target);

    /** Fills {@code target} with different indices out of {@code [0, bound)}, all choices equally likely. */
    void indices(String name, int bound, int[] target);

    /** For updates that consume none: any draw is an error. */
    static Noise none() {
        return new Noise() {
            @Override
            public void normal(String name, float[] target) {
                throw new IllegalStateException("Cannot draw " + name + ": there is no noise here");
            }

            @Override
            public void uniform(String name, float[] target) {
                throw new IllegalStateException("Cannot draw " + name + ": there is no noise here");
            }

            @Override
            public void indices(String name, int bound, int[] target) {
                throw new IllegalStateException("Cannot draw " + name + ": there is no noise here");
            }
        };
    }
}
