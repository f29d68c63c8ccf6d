package io.hindcast.judge;

import io.hindcast.stats.DatasetStats.Ending;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Single decisions as in a shop window: 34 items, of which the log shows some hardly ever, and what is judged shows each as often. A
 * weight is at most 180, the effective sample size 620 of 10,000, and rewards are clicks.
 */
final class ShopWindow {
    private static final int ITEMS = 34;

    /** Up to which number an item is drawn, {@code [item]}. */
    private final double[] chances = new double[ITEMS];

    /** With and without a click, {@code [item]}. */
    private final Episode[][] episodes = new Episode[ITEMS][];

    private final double clicks;

    /**
     * A window.
     *
     * @param clicks the chance of one, of every item: the value of what is judged
     */
    ShopWindow(double clicks) {
        this.clicks = clicks;
        var logged = new double[ITEMS];
        for (var a = 0; a < ITEMS; a++) {
            // Weights from 0.425 on: their mean under the log is 1, and that of their squares 16.5.
            logged[a] = 1 / (0.425 * Math.pow(180 / 0.425, Math.pow(a / (ITEMS - 1.0), 2.43)));
        }
        var sum = Arrays.stream(logged).sum();
        var before = 0.0;
        for (var a = 0; a < ITEMS; a++) {
            before += logged[a] / sum;
            chances[a] = before;
            episodes[a] = new Episode[] {episode(logged[a] / sum, 1), episode(logged[a] / sum, 0)};
        }
    }

    private static Episode episode(double logged, double reward) {
        return new Episode.Fold("any", 1)
                .step(new Episode.Step(-Math.log(ITEMS), Math.log(logged), reward))
                .end(Ending.TERMINATED, Double.NaN);
    }

    Episode episode(RandomGenerator random) {
        var item = Arrays.binarySearch(chances, random.nextDouble());
        return episodes[Math.min(item < 0 ? -item - 1 : item, ITEMS - 1)][random.nextDouble() < clicks ? 0 : 1];
    }
}
