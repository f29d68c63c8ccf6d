package io.hindcast.data;

/**
 * How several steps become one row, for datasets and for runs that act: {@code sum_{k < m} discount^t(k) r_k}, t(k)
 * being the time that the k steps before take. m is n, or less where the bootstrap stops or the episode ends sooner.
 *
 * @param n how many steps at most, 1 or more
 * @param discount of a time of 1, in [0, 1]
 */
public record NStep(int n, double discount) {
    /** Steps in the order of time. */
    public interface Steps {
        /** What it earned. */
        double reward(int step);

        /** How much time it took. */
        float duration(int step);

        /** Whether the step behind it is of the same episode, and is known, and this one does not stop the bootstrap. */
        boolean goesOn(int step);
    }

    /**
     * Some steps as one.
     *
     * @param duration the time of all of them
     * @param last of them, behind which the value of the next observation counts if it counts at all
     */
    public record Folded(double reward, float duration, int last) {}

    /** The steps from {@code first} on as one. */
    public Folded fold(Steps steps, int first) {
        var sum = steps.reward(first);
        var time = steps.duration(first);
        var last = first;
        while (last - first + 1 < n && steps.goesOn(last)) {
            last++;
            sum += Math.pow(discount, time) * steps.reward(last);
            time += steps.duration(last);
        }
        return new Folded(sum, time, last);
    }
}
