package io.hindcast.timeline;

import io.hindcast.data.Transition;
import io.hindcast.data.Transition.Ahead;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds to every transition what lies ahead of it in its episode, discounted by {@code discount^time_delta} a step (by
 * {@code discount} where the log has no times): the return-to-go {@code G_t = r_t + discount^dt_t G_{t+1}} of what was logged, and
 * the n-step return {@code sum_{k<m} (prod_{j<k} discount^dt_{t+j}) r_{t+k}} with the observation that m steps lead to; m is n, or
 * less where the episode ends sooner.
 *
 * @param discount in (0, 1]
 * @param steps n, 1 or more
 */
public record Lookahead(double discount, int steps) implements Serializable {

    /** The transitions of one episode, in order, with what lies ahead of each. */
    public List<Transition> of(List<Transition> episode) {
        var result = new ArrayList<>(episode);
        var returnToGo = 0.0;
        for (var t = episode.size() - 1; t >= 0; t--) {
            var transition = episode.get(t);
            returnToGo = transition.reward() + factor(transition) * returnToGo;
            var sum = 0.0;
            var discounts = 1.0;
            var last = t;
            for (var k = t; k < Math.min(t + steps, episode.size()); k++) {
                sum += discounts * episode.get(k).reward();
                discounts *= factor(episode.get(k));
                last = k;
            }
            var end = episode.get(last);
            result.set(
                    t,
                    transition.withAhead(
                            new Ahead(returnToGo, sum, discounts, end.nextObservation(), end.terminated())));
        }
        return result;
    }

    private double factor(Transition transition) {
        var delta = transition.timeDelta();
        return delta == null ? discount : Math.pow(discount, delta);
    }
}
