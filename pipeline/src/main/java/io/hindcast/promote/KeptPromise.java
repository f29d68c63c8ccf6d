package io.hindcast.promote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a version of a registry was promised to earn in an episode when it was promoted, and what it earned since, by its own log.
 *
 * @param version its number
 * @param policy its name, for people
 * @param since when it was promoted
 * @param part the file of the log; null: all of it
 * @param promised what was said
 * @param episodes that it acted in
 * @param realised their mean return; null if it is not known
 * @param realisedLow where the mean of many more lies: from here
 * @param realisedHigh to here
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record KeptPromise(
        int version,
        String policy,
        String since,
        @Nullable String part,
        Promotion.Promise promised,
        long episodes,
        @Nullable Double realised,
        @Nullable Double realisedLow,
        @Nullable Double realisedHigh) {

    /** Whether the promise is not broken: that is so only where it is sure to earn less than the least that was promised. */
    public boolean isKept() {
        return realisedHigh == null || promised.low() == null || realisedHigh >= promised.low();
    }

    /** Why the promise is broken, in a sentence. */
    public String broken() {
        return String.format(
                Locale.ROOT,
                "v%d (%s) was promised to earn %.4g to %.4g an episode, and earned %.4g (%.4g to %.4g) in %d episodes",
                version,
                policy,
                promised.low(),
                promised.high(),
                realised,
                realisedLow,
                realisedHigh,
                episodes);
    }
}
