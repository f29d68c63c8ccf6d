package io.hindcast.report;

import io.hindcast.judge.FittedClone;
import io.hindcast.judge.FittedValues;
import java.util.List;

/**
 * What estimates lean on.
 *
 * @param values models of the values of policies
 * @param clones of what logged
 */
public record Fitted(List<FittedValues> values, List<FittedClone> clones) {
    /** Nothing but the log. */
    public static final Fitted NOTHING = new Fitted(List.of(), List.of());
}
