package io.hindcast.stage.judge;

import io.hindcast.judge.policy.JudgedPolicy;
import org.jspecify.annotations.Nullable;

/**
 * A policy to judge.
 *
 * @param name what it is called
 * @param run the id or the directory of the run that learned it; null if none did
 * @param step its updates
 * @param trainedOn the subset of this dataset that it learned from; null if it did not, or that is not known
 * @param models what tells of its values, in words; null if nothing does
 */
record Candidate(
        String name,
        @Nullable String run,
        @Nullable Long step,
        JudgedPolicy policy,
        @Nullable String trainedOn,
        @Nullable String models) {
    static Candidate of(String name, JudgedPolicy policy) {
        return new Candidate(name, null, null, policy, null, null);
    }
}
