package io.hindcast.stats;

import io.hindcast.config.Setting;
import java.util.List;

/** When the scorecard warns, and which warnings fail the job. */
public record CheckConfig(
        @Setting(value = "[]", meaning = "checks that must hold: a job whose dataset fails one ends with exit code 3")
        List<Check> require,

        @Setting(
                value = "100",
                range = "[1, inf)",
                meaning = "scaled-dimensions: the greatest standard deviation of an entry of the observation over the"
                        + " least")
        double maxStdRatio,

        @Setting(
                value = "0.05",
                range = "[0, 1]",
                meaning = "no-sparse-reward: rewards of 0 and 1 are sparse if the share of ones is below this")
        double minRewardShare,

        @Setting(value = "0.5", range = "[0, 1]", meaning = "few-open-episodes: the greatest share of open episodes")
        double maxOpen,

        @Setting(
                value = "0.25",
                range = "[0, 1]",
                meaning = "unsaturated-actions: the greatest share of actions at a bound, in any entry")
        double maxSaturation,

        @Setting(
                value = "0.1",
                range = "[0, 1]",
                meaning = "effective-samples: the least share of effective samples, (sum w)^2 / (n sum w^2) of the"
                        + " weights"
                        + " w = 1 / propensity")
        double minEffectiveShare,

        @Setting(
                value = "10",
                range = "(1, inf)",
                meaning = "no-jumps: the greatest step of an entry, as a multiple of the 99 % quantile of its steps")
        double jumpFactor,

        @Setting(value = "1000", range = "[0, inf)", meaning = "enough-transitions: the least number of transitions")
        long minTransitions,

        @Setting(
                value = "0.25",
                range = "(0, inf)",
                meaning = "no-drift: the greatest population stability index of any quantity against drift-against")
        double maxPsi) {}
