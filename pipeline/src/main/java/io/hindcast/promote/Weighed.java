package io.hindcast.promote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A candidate with what the rule makes of it.
 *
 * @param verdict of it alone: of several that are better one is promoted, and the others are kept out
 * @param reason in a sentence
 * @param bounds what its gain lies above, by each estimator that the rule asked, in their order; null where that is not known
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Weighed(Candidate candidate, Verdict verdict, String reason, List<@Nullable Double> bounds) {
    /** The least of the bounds; -infinity if one is not known. */
    double least() {
        return bounds.stream()
                .mapToDouble(bound -> bound == null ? Double.NEGATIVE_INFINITY : bound)
                .min()
                .orElse(Double.NEGATIVE_INFINITY);
    }
}
