package io.hindcast.stage.judge;

import io.hindcast.judge.FittedValues;
import io.hindcast.judge.policy.JudgedPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy to judge.
 *
 * @param name what it is called
 * @param run the id or the directory of the run that learned it; null if none did
 * @param step its updates
 * @param trainedOn the subset of this dataset that it learned from; null if it did not, or that is not known
 * @param models what tells of its values; none if nothing does
 */
record Candidate(
        String name,
        @Nullable String run,
        @Nullable Long step,
        JudgedPolicy policy,
        @Nullable String trainedOn,
        List<FittedValues> models) {
    static Candidate of(String name, JudgedPolicy policy) {
        return new Candidate(name, null, null, policy, null, List.of());
    }

    Candidate with(JudgedPolicy told, List<FittedValues> values) {
        return new Candidate(name, run, step, told, trainedOn, values);
    }
}
