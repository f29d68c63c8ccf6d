package io.hindcast.judge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SLOPE chooses among estimators with a parameter that trades variance for bias, without knowing the bias: from the widest interval
 * to the narrowest, as long as the estimate stays in reach of all wider ones.
 *
 * <p>Su, Srinath and Krishnamurthy (2020), "Adaptive estimator selection for off-policy evaluation", with the constant sqrt(6) - 1 of
 * Tucker and Lee (2021).
 */
public final class Slope {
    private static final double REACH = Math.sqrt(6) - 1;

    private Slope() {}

    /**
     * The index of the estimate to use.
     *
     * @param estimates of one quantity, at least one; their intervals of Student's t decide
     * @param confidence of these, 0 to 1
     */
    public static int choose(List<Estimate> estimates, double confidence) {
        var widestFirst = IntStream.range(0, estimates.size())
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> -estimates.get(i).half(confidence)))
                .toList();
        var kept = new ArrayList<Estimate>();
        var chosen = widestFirst.get(0);
        for (var i : widestFirst) {
            var next = estimates.get(i);
            for (var wider : kept) {
                if (!(Math.abs(wider.value() - next.value())
                        <= next.half(confidence) + REACH * wider.half(confidence))) {
                    return chosen;
                }
            }
            kept.add(next);
            chosen = i;
        }
        return chosen;
    }
}
