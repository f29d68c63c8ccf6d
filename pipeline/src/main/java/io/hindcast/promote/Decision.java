package io.hindcast.promote;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rule makes of all candidates.
 *
 * @param verdict promoted if there is a winner
 * @param reason in a sentence
 * @param winner the one that is to act; null if none is
 * @param candidates all of them
 */
public record Decision(
        Verdict verdict, String reason, @Nullable Candidate winner, List<Weighed> candidates) {
    /** One that nobody may win, for a reason that is not any candidate's own. */
    public static Decision refused(String reason) {
        return new Decision(Verdict.REFUSED, reason, null, List.of());
    }
}
