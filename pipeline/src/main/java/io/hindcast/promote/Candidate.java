package io.hindcast.promote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy that might become champion.
 *
 * @param policy its name, {@code NAME-SEED} of a run
 * @param run the id or the directory of the run that learned it
 * @param step its updates
 * @param sha256 of its learned state
 * @param objection why it may not, whatever the numbers say; null if nothing is against it
 * @param evidence what each estimator says of it
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Candidate(
        String policy,
        String run,
        long step,
        String sha256,
        @Nullable String objection,
        List<Evidence> evidence) {}
