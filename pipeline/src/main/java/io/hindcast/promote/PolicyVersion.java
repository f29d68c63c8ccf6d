package io.hindcast.promote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A policy that a registry keeps, under a number that it has for ever.
 *
 * @param number from 1
 * @param time when it came, an ISO-8601 instant
 * @param run the id of the run that learned it
 * @param name of the run
 * @param seed of the run
 * @param step its updates
 * @param learner what learned it
 * @param sha256 of its learned state
 * @param checkpoint where that is kept, below the registry's directory
 * @param files all that is kept of it, by the place below the registry's directory: the checkpoint, and the exported policy if there is
 *     one
 * @param out the output directory that it came from
 * @param dataset the version of the transitions that it learned from
 * @param datasetFingerprint of these
 * @param subset of them
 * @param configuration the run's settings, as JSON
 * @param candidate what was known of it when it was promoted
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record PolicyVersion(
        int number,
        String time,
        String run,
        String name,
        long seed,
        long step,
        String learner,
        String sha256,
        String checkpoint,
        Map<String, KeptFile> files,
        String out,
        @Nullable Integer dataset,
        @Nullable String datasetFingerprint,
        String subset,
        String configuration,
        Candidate candidate) {

    /** A file of it. */
    public record KeptFile(long bytes, String sha256) {}

    /** For people: {@code v3 (iql-1)}. */
    @Override
    public String toString() {
        return "v" + number + " (" + name + "-" + seed + ")";
    }
}
