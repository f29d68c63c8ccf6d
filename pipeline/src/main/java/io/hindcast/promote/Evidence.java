package io.hindcast.promote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.hindcast.judge.Gain;
import org.jspecify.annotations.Nullable;

/**
 * What an estimator says of a candidate; what is not known is null.
 *
 * @param estimator its name, or {@code played} where episodes were
 * @param episodes how many took part
 * @param value in units of return
 * @param low where the value lies: from here
 * @param high to here
 * @param gain over the champion, by the same episodes
 * @param gainStdError of it
 * @param gainSkewness of its error
 * @param objection why it cannot be relied upon, in words; null if it can
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Evidence(
        String estimator,
        long episodes,
        @Nullable Double value,
        @Nullable Double low,
        @Nullable Double high,
        @Nullable Double gain,
        @Nullable Double gainStdError,
        @Nullable Double gainSkewness,
        @Nullable String objection) {

    /** What the gain lies below with chance {@code alpha}; empty if the episodes cannot tell. */
    @Nullable Double lowerBound(double alpha) {
        if (gain == null || gainStdError == null || gainSkewness == null || episodes < 2) {
            return null;
        }
        var bound = new Gain("", gain, gainStdError, gainSkewness).lowerBound(episodes, alpha);
        return Double.isFinite(bound) ? bound : null;
    }
}
