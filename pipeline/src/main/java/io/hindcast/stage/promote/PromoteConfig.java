package io.hindcast.stage.promote;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.judge.EstimatorName;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When another policy becomes champion. */
public record PromoteConfig(
        @Setting(
                value = "[]",
                meaning =
                        "names of the policies that may become champion, as judge calls them; empty: every run that was"
                                + " judged")
        List<String> candidates,

        @Setting(
                value = "estimates",
                meaning = "what tells of them: estimates, those of judge by the log; evaluations, the returns of the"
                        + " episodes that evaluate played, by each policy the same ones")
        By by,

        @Setting(
                value = "0",
                range = "[0, inf)",
                meaning =
                        "by how much more, in units of return, a candidate must be sure to earn than the champion (where"
                                + " there is none: than what logged)")
        double margin,

        @Setting(
                value = "0.95",
                range = "(0.5, 1)",
                meaning = "confidence that what is promoted earns that much more, however many candidates there are")
        double confidence,

        @Setting(
                value = "[]",
                meaning = "the estimators that must agree, two or more, all with rewards in them (never dm); empty: the"
                        + " first two of wdr, wpdis, dr, pdis, wis and is that judge used")
        List<EstimatorName> estimators,

        @Setting(
                value = "null",
                range = "[1, inf)",
                meaning =
                        "the version of the registry that becomes champion at once, by hand, without any numbers: to go"
                                + " back to an earlier one")
        @Nullable Integer to,

        @Setting(value = "null", meaning = "who or what asks, as it is to stand in the history; null: the user")
        @Nullable String askedBy) {

    /** What tells of candidates. */
    public enum By {
        ESTIMATES,
        EVALUATIONS;

        /** As tables have it. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws UserException if the estimators are no two that use rewards */
    public PromoteConfig {
        for (var estimator : estimators) {
            if (estimator == EstimatorName.DM || estimator == EstimatorName.MAGIC) {
                throw new UserException("Cannot use promote.estimators = " + words(estimators) + ": the error of "
                        + estimator.word() + " is also its model's, which no interval holds; use "
                        + words(Estimates.PREFERRED));
            }
        }
        if (estimators.size() == 1 || new HashSet<>(estimators).size() < estimators.size()) {
            throw new UserException("Cannot use promote.estimators = " + words(estimators)
                    + ": two or more must agree, and each is named once; name another one, or leave the key out");
        }
    }

    private static List<String> words(List<EstimatorName> estimators) {
        return estimators.stream().map(EstimatorName::word).toList();
    }

    /** The configuration without what decides nothing. */
    Map<String, Object> decisive() {
        var map = new LinkedHashMap<>(Settings.toMap(this));
        map.remove("asked-by");
        return map;
    }
}
