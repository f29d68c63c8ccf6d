package io.hindcast.score;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What D4RL's normalised score measures by: {@code 100 (value - min) / (max - min)}, where min is the return of a random policy
 * and max that of an expert (Fu et al. 2020, arXiv 2004.07219). Values are those of {@code d4rl/infos.py} (repository
 * Farama-Foundation/D4RL, commit 0ace16d), measured in simulators of version 2; those of other versions differ a little, but
 * all publications divide by these.
 *
 * @param min what scores 0
 * @param max what scores 100, above {@code min}
 * @param measure of what
 */
public record ReferenceScores(double min, double max, Measure measure) implements Serializable {
    private static final String DATA = "-(random|medium|expert|medium-replay|full-replay|medium-expert)";
    private static final String HAND_DATA = "-(human|cloned|expert)";

    private static final List<Known> KNOWN = List.of(
            locomotion("halfcheetah", -280.178953, 12135.0),
            locomotion("hopper", -20.272305, 3234.3),
            locomotion("walker2d", 1.629008, 4592.3),
            locomotion("ant", -325.6, 3879.7),
            hand("pen", 96.262799, 3076.8331017826877),
            hand("hammer", -274.856578, 12794.134825156867),
            hand("door", -56.512833, 2880.5693087298737),
            hand("relocate", -6.425911, 4233.877797728884),
            maze("maze2d-open-v0", 0.01, 20.66),
            maze("maze2d-umaze-v1", 23.85, 161.86),
            maze("maze2d-medium-v1", 13.13, 277.39),
            maze("maze2d-large-v1", 6.7, 273.99),
            maze("maze2d-open-dense-v0", 11.17817, 27.166538620695782),
            maze("maze2d-umaze-dense-v1", 68.537689, 193.66285642381482),
            maze("maze2d-medium-dense-v1", 44.264742, 297.4552547777125),
            maze("maze2d-large-dense-v1", 30.569041, 303.4857382709002),
            // Its returns there are 1 with and 0 without success, whatever is added to the rewards here.
            new Known(Pattern.compile("antmaze-.*"), new ReferenceScores(0, 1, Measure.SUCCESS)));

    /** What of an episode is measured. */
    public enum Measure {
        /** The sum of its rewards. */
        RETURN,
        /** 1 if it succeeded, or else 0. */
        SUCCESS
    }

    private record Known(Pattern name, ReferenceScores scores) {}

    /**
     * The references of an environment, if D4RL has some.
     *
     * @param environment its name, as {@code antmaze-umaze}, {@code gymnasium:HalfCheetah-v4} or
     *     {@code gymnasium:d4rl:pen-human-v1}
     */
    public static Optional<ReferenceScores> of(String environment) {
        var name = environment.substring(environment.lastIndexOf(':') + 1).toLowerCase(Locale.ROOT);
        return KNOWN.stream()
                .filter(known -> known.name().matcher(name).matches())
                .map(Known::scores)
                .findFirst();
    }

    /** The normalised score of an episode; null if it says nothing of what is measured. */
    public @Nullable Double score(Rollout.Episode episode) {
        if (measure == Measure.RETURN) {
            return score(episode.episodeReturn());
        }
        return episode.success() == null ? null : Double.valueOf(score(episode.success() ? 1 : 0));
    }

    private double score(double value) {
        return 100 * (value - min) / (max - min);
    }

    private static Known locomotion(String name, double min, double max) {
        return known(name + "(" + DATA + ")?-v\\d", min, max);
    }

    private static Known hand(String name, double min, double max) {
        return known("(adroithand)?" + name + "(" + HAND_DATA + ")?-v[01]", min, max);
    }

    private static Known maze(String name, double min, double max) {
        return known(Pattern.quote(name), min, max);
    }

    private static Known known(String name, double min, double max) {
        return new Known(Pattern.compile(name), new ReferenceScores(min, max, Measure.RETURN));
    }
}
