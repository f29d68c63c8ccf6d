package io.hindcast.judge;

import io.hindcast.stats.DatasetStats.Ending;

/**
 * What estimators make of an episode; a figure that it cannot give is NaN. Means over episodes are estimates: of exp(logWeight) times
 * discountedReturn that of {@link Is}, of weightedReturn {@link Pdis}, of startValue {@link Dm}, of startValue + correction {@link Dr}.
 *
 * @param length its steps
 * @param isTerminated whether the task ended with it
 * @param discountedReturn G
 * @param logWeight natural logarithm of w_T-1; minus infinity where the policy would never have done all that was logged
 * @param weightedReturn sum over t of w_t D_t r_t
 * @param startValue v_0, what the model says of its first state
 * @param correction sum over t of w_t D_t delta_t, of the model's errors
 */
public record EpisodeFigures(
        long length,
        boolean isTerminated,
        double discountedReturn,
        double logWeight,
        double weightedReturn,
        double startValue,
        double correction) {
    private static final double LN2 = 0.6931471805599453;

    /** Those of an episode as a policy weighs it. */
    public static EpisodeFigures of(Episode episode) {
        var hasRewards = episode.has(Need.REWARDS);
        var isWeighted = episode.has(Need.WEIGHTS);
        var hasModel = episode.has(Need.MODEL);
        return new EpisodeFigures(
                episode.length(),
                episode.ending() == Ending.TERMINATED,
                hasRewards ? episode.discountedReturn() : Double.NaN,
                isWeighted ? log(episode.weights().last()) : Double.NaN,
                isWeighted && hasRewards
                        ? episode.weights()
                                .sum(episode.discountedRewards(Tail.NOTHING))
                                .toDouble()
                        : Double.NaN,
                hasModel ? episode.firstStateValue() : Double.NaN,
                isWeighted && hasRewards && hasModel
                        ? episode.weights().sum(episode.discountedErrors()).toDouble()
                        : Double.NaN);
    }

    private static double log(Scaled weight) {
        return StrictMath.log(weight.x()) + weight.exponent() * LN2;
    }
}
