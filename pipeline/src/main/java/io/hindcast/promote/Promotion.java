package io.hindcast.promote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of a registry's history: what was asked, what was decided, and by which numbers. Whoever shows a registry elsewhere needs
 * this and the {@link PolicyVersion} that it names, and nothing else.
 *
 * @param number from 1, without holes
 * @param time an ISO-8601 instant
 * @param alias what points to a version, {@code champion}
 * @param from the version that it pointed to; null if to none
 * @param to the version that it points to since; null if to none
 * @param verdict what was decided
 * @param reason in a sentence
 * @param by what decided: the name of a table, or {@code hand}
 * @param margin see {@link Gate}; null by hand
 * @param confidence likewise
 * @param estimators that had to agree
 * @param candidates with their numbers
 * @param promised what the new champion was said to earn when it was promoted; null unless one was, by numbers
 * @param askedBy who or what asked
 * @param out the output directory in which it was decided
 * @param toldBy the request key of the version of that table that told of them; null by hand
 * @param datasetFingerprint of the transitions that they were judged by; null by hand
 * @param request what tells this question from any other
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Promotion(
        int number,
        String time,
        String alias,
        @Nullable Integer from,
        @Nullable Integer to,
        Verdict verdict,
        String reason,
        String by,
        @Nullable Double margin,
        @Nullable Double confidence,
        List<String> estimators,
        List<Weighed> candidates,
        @Nullable Promise promised,
        String askedBy,
        String out,
        @Nullable String toldBy,
        @Nullable String datasetFingerprint,
        String request) {
    /** The alias of the policy that acts. */
    public static final String CHAMPION = "champion";

    /**
     * What a policy was said to earn in an episode.
     *
     * @param estimator that said so
     * @param low where the value lies: from here
     * @param high to here
     */
    public record Promise(
            String estimator,
            @Nullable Double value,
            @Nullable Double low,
            @Nullable Double high) {}
}
