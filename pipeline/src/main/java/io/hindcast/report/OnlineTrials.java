package io.hindcast.report;

import io.hindcast.run.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * What choosing among trained policies by playing them would earn, from episodes that were played of each.
 *
 * <p>Jackson and others (2025), "A clean slate for offline reinforcement learning", for choices by upper confidence bounds; Kurenkov
 * and Kolesnikov (2022), "Showing your offline reinforcement learning work: online evaluation budget matters", for the best of k.
 *
 * @param returns of the episodes of each policy, at least one of each, {@code [policies]}
 */
public record OnlineTrials(List<double[]> returns) {
    private static final int TRIALS = 1000;
    private static final int FEWEST = 20;
    private static final int MOST = 500;

    /** As in the paper, for returns whose range is 1. */
    private static final double EXPLORATION = 2;

    /** What is chosen after so many episodes earns so much, and with this standard deviation over trials. */
    public record Chosen(int episodes, double mean, double spread) {}

    /**
     * What is chosen after each number of episodes, by UCB1: first each policy plays one, in random order, and then the one with the
     * largest mean + range sqrt(2 log n / n_k), of n episodes and n_k of its own. Chosen is the policy with the largest mean so far, and it
     * earns its mean return. An episode is one of those that were played, drawn anew.
     */
    public List<Chosen> curve() {
        var means = means();
        var range = range();
        var total = returns.stream().mapToInt(played -> played.length).sum();
        var earned = new double[Math.max(FEWEST, Math.min(MOST, total))][TRIALS];
        for (var trial = 0; trial < TRIALS; trial++) {
            play(new Seeds(0).generator("online trials", trial), means, range, earned, trial);
        }
        var curve = new ArrayList<Chosen>();
        for (var t = 0; t < earned.length; t++) {
            var mean = Arrays.stream(earned[t]).sum() / TRIALS;
            var squares =
                    Arrays.stream(earned[t]).map(x -> (x - mean) * (x - mean)).sum();
            curve.add(new Chosen(t + 1, mean, Math.sqrt(squares / (TRIALS - 1))));
        }
        return curve;
    }

    private void play(RandomGenerator random, double[] means, double range, double[][] earned, int trial) {
        var order = shuffled(random);
        var sums = new double[order.length];
        var played = new int[order.length];
        for (var t = 0; t < earned.length; t++) {
            var bonus = range * Math.sqrt(EXPLORATION * StrictMath.log(t));
            var next = t < order.length ? order[t] : largest(order, sums, played, bonus);
            var of = returns.get(next);
            sums[next] += of[random.nextInt(of.length)];
            played[next]++;
            earned[t][trial] = means[largest(order, sums, played, 0)];
        }
    }

    /** Of those that were played the one with the largest bound; of equals the first in this trial's order. */
    private static int largest(int[] order, double[] sums, int[] played, double bonus) {
        var best = order[0];
        var most = Double.NEGATIVE_INFINITY;
        for (var k : order) {
            var bound = played[k] == 0 ? most : sums[k] / played[k] + bonus / Math.sqrt(played[k]);
            if (bound > most) {
                best = k;
                most = bound;
            }
        }
        return best;
    }

    private int[] shuffled(RandomGenerator random) {
        var order = IntStream.range(0, returns.size()).toArray();
        for (var i = order.length - 1; i > 0; i--) {
            var j = random.nextInt(i + 1);
            var other = order[j];
            order[j] = order[i];
            order[i] = other;
        }
        return order;
    }

    private double range() {
        var all = returns.stream().flatMapToDouble(Arrays::stream).summaryStatistics();
        return all.getMax() - all.getMin();
    }

    private double[] means() {
        return returns.stream()
                .mapToDouble(played -> Arrays.stream(played).sum() / played.length)
                .toArray();
    }

    /** How many episodes each policy has, on average. */
    double episodesEach() {
        return returns.stream().mapToInt(played -> played.length).average().orElseThrow();
    }

    /**
     * What the best of {@code k} policies earns on average, if any k of them are played out: the sum over policies i of n, from the worst
     * to the best, of mean_i ((i/n)^k - ((i-1)/n)^k).
     */
    public double bestOf(int k) {
        var means = means();
        Arrays.sort(means);
        var n = (double) means.length;
        var best = 0.0;
        for (var i = 1; i <= n; i++) {
            best += means[i - 1] * (StrictMath.pow(i / n, k) - StrictMath.pow((i - 1) / n, k));
        }
        return best;
    }

    /** After how many episodes what is chosen earns {@code value} on average; empty if not after as many as there are. */
    public static OptionalInt worth(List<Chosen> curve, double value) {
        return curve.stream()
                .filter(chosen -> chosen.mean() >= value)
                .mapToInt(Chosen::episodes)
                .findFirst();
    }
}
