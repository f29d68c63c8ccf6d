package io.hindcast.score;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;

/**
 * What the runs of one result scored in several tasks, and the figures by which results are compared over tasks: Agarwal et al. (2021),
 * "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (arXiv 2108.13264). Scores of different tasks are compared with
 * each other by all figures but {@link #improvementOver}, so they must be on one scale: normalised.
 */
public final class TaskScores {
    private final double[][] runs;

    private TaskScores(double[][] runs) {
        this.runs = runs;
    }

    /**
     * Scores by task.
     *
     * @param runs finite, {@code [tasks][runs]}: at least one task, and of every task at least one run; tasks may have different numbers
     */
    public static TaskScores of(double[]... runs) {
        if (runs.length == 0 || Arrays.stream(runs).anyMatch(task -> task.length == 0)) {
            throw new IllegalArgumentException("Cannot compare scores: there is no task, or one without a run");
        }
        return new TaskScores(Arrays.stream(runs).map(double[]::clone).toArray(double[][]::new));
    }

    /** How many tasks. */
    public int tasks() {
        return runs.length;
    }

    /** How many runs the task has that has fewest. */
    public int leastRuns() {
        return Arrays.stream(runs).mapToInt(task -> task.length).min().orElseThrow();
    }

    /** The mean over tasks of the means over runs. */
    public double mean() {
        return taskMeans().average().orElseThrow();
    }

    /** The median over tasks of the means over runs; of an even number the mean of the two in the middle. */
    public double median() {
        var means = taskMeans().sorted().toArray();
        return (means[(means.length - 1) / 2] + means[means.length / 2]) / 2;
    }

    /**
     * The mean of the runs of all tasks without the lowest and the highest {@code count / 4} of them (rounded down); NaN below
     * {@link Aggregate#LEAST_FOR_QUARTERS} runs, of which none is left out.
     */
    public double interquartileMean() {
        var all = all().toArray();
        return all.length < Aggregate.LEAST_FOR_QUARTERS ? Double.NaN : Aggregate.interquartileMean(all);
    }

    /** By how much runs miss {@code optimum} on average, where more than that counts as that; 0 or more. */
    public double optimalityGap(double optimum) {
        return optimum
                - overTasks(task -> DoubleStream.of(task)
                        .map(score -> Math.min(score, optimum))
                        .average()
                        .orElseThrow());
    }

    /** The share of runs that score more than {@code threshold}, as the mean over tasks; 0 to 1. */
    public double shareAbove(double threshold) {
        // Asked of every replicate at every threshold: no streams, and the sum that their average is of.
        var shares = new DoubleSummaryStatistics();
        for (var task : runs) {
            var above = 0;
            for (var score : task) {
                above += score > threshold ? 1 : 0;
            }
            shares.accept((double) above / task.length);
        }
        return shares.getAverage();
    }

    /**
     * How likely a run of this result scores more than one of the other in the same task, as the mean over tasks: the share of all pairs
     * in which it does, where equal scores count one half (the statistic of Mann and Whitney over the number of pairs); 0 to 1.
     *
     * @param other of the same tasks in the same order
     */
    public double improvementOver(TaskScores other) {
        if (other.runs.length != runs.length) {
            throw new IllegalArgumentException(
                    "Cannot compare scores of " + runs.length + " tasks with those of " + other.runs.length);
        }
        return IntStream.range(0, runs.length)
                .mapToDouble(task -> wins(runs[task], other.runs[task]))
                .average()
                .orElseThrow();
    }

    private static double wins(double[] ours, double[] theirs) {
        var twice = 0L;
        for (var our : ours) {
            for (var their : theirs) {
                twice += our > their ? 2 : our == their ? 1 : 0;
            }
        }
        return twice / (2.0 * ours.length * theirs.length);
    }

    /** As many runs of every task, drawn from its runs with replacement. */
    TaskScores resampled(RandomGenerator random) {
        return new TaskScores(Arrays.stream(runs)
                .map(task -> random.ints(task.length, 0, task.length)
                        .mapToDouble(run -> task[run])
                        .toArray())
                .toArray(double[][]::new));
    }

    /** The scores of all tasks. */
    public DoubleStream all() {
        return Arrays.stream(runs).flatMapToDouble(Arrays::stream);
    }

    private interface OfTask {
        double of(double[] task);
    }

    private double overTasks(OfTask figure) {
        return Arrays.stream(runs).mapToDouble(figure::of).average().orElseThrow();
    }

    private DoubleStream taskMeans() {
        return Arrays.stream(runs).mapToDouble(StatUtils::mean);
    }
}
