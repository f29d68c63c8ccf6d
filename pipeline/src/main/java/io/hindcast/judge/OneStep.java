package io.hindcast.judge;

import java.util.EnumSet;
import java.util.Set;

/** An estimator for logs of single decisions: the mean of a function of weight, reward and the model's values. */
interface OneStep extends MeanEstimator {
    /** As close to a bound, a weight counts as being there: it is a quotient that was rounded. */
    double ROUNDING = 1e-9;

    /** What the episode's weight and reward come to. */
    double value(double weight, double reward);

    @Override
    default Set<Need> needs() {
        return EnumSet.of(Need.WEIGHTS, Need.REWARDS, Need.ONE_STEP);
    }

    @Override
    default Scaled value(Episode episode) {
        return Scaled.of(value(episode.weights().last().toDouble(), episode.reward(0)));
    }

    /** The same around a model: what it says of the state, and this of its error. */
    interface WithModel extends OneStep {
        @Override
        default Set<Need> needs() {
            return EnumSet.of(Need.WEIGHTS, Need.REWARDS, Need.MODEL, Need.ONE_STEP);
        }

        @Override
        default Scaled value(Episode episode) {
            var error = episode.reward(0) - episode.actionValue(0);
            return Scaled.of(
                    episode.firstStateValue() + value(episode.weights().last().toDouble(), error));
        }
    }
}
