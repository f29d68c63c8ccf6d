package io.hindcast.stage.collect;

import io.hindcast.collect.BrokenEpisode;
import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.env.Environment;
import io.hindcast.env.Fault;
import io.hindcast.timeline.Assembled;
import io.hindcast.timeline.IngestTally;
import io.hindcast.timeline.LoggedRow;
import io.hindcast.timeline.Quarantined;
import io.hindcast.timeline.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Turns a collected episode into transitions; like a logged episode it is taken whole or not at all. */
public final class CollectedEpisode {
    private static final int MOST_LINES = 10;
    private static final String COMPANION = "another step of its episode is no answer";

    private CollectedEpisode() {}

    /** The episode that {@code source} gives, or its quarantined rows if it breaks. */
    static Assembled of(Environment world, Supplier<List<Transition>> source) {
        var before = world.outOfBounds();
        try {
            var transitions = source.get();
            return new Assembled(
                    null,
                    transitions,
                    List.of(),
                    transitions.size(),
                    0,
                    false,
                    Map.of(Environment.OUT_OF_BOUNDS, world.outOfBounds() - before));
        } catch (BrokenEpisode e) {
            var rows = quarantined(e);
            return new Assembled(null, List.of(), rows, rows.size(), 0, false, Map.of());
        }
    }

    /** The refusal of a dataset that has no episode. */
    static UserException refusal(String environment, IngestTally tally) {
        var first = tally.problems().isEmpty() ? "" : " (" + tally.problems().get(0) + ")";
        return refusal(
                environment,
                "all " + tally.quarantinedEpisodes() + " episodes ended with an answer that is none" + first);
    }

    /** The refusal of a dataset where it makes no sense to go on. */
    static UserException refusal(String environment, String what, Quarantined last) {
        return refusal(environment, what + " (the last in step " + last.row().row() + ": " + last.detail() + ")");
    }

    private static UserException refusal(String environment, String what) {
        return new UserException("Cannot collect in " + environment + ": " + what
                + "; mend the environment: observations and rewards have to be finite, and of the sizes it declares");
    }

    /** What was left out, a line a fault. */
    static List<String> problems(IngestTally tally) {
        var lines = new ArrayList<>(tally.problems());
        if (lines.size() > MOST_LINES) {
            var more = lines.size() - MOST_LINES;
            lines.subList(MOST_LINES, lines.size()).clear();
            lines.add("and " + more + " other faults; the table quarantine has them all");
        }
        return lines;
    }

    private static List<Quarantined> quarantined(BrokenEpisode episode) {
        var rows = new ArrayList<Quarantined>();
        var reason = reason(episode.fault().kind());
        var broken = episode.broken();
        rows.add(new Quarantined(
                broken == null ? start(episode) : row(broken),
                reason,
                episode.fault().detail()));
        for (var transition : episode.sound()) {
            rows.add(new Quarantined(row(transition), Reason.COMPANION, COMPANION));
        }
        return rows;
    }

    private static Reason reason(Fault.Kind kind) {
        return switch (kind) {
            case NOT_FINITE -> Reason.NOT_FINITE;
            case WRONG_SIZE -> Reason.WRONG_DIMENSION;
            case OUT_OF_BOUNDS -> Reason.OBSERVATION_OUT_OF_BOUNDS;
            case OTHER -> Reason.BAD_ANSWER;
        };
    }

    /** Of an episode that did not begin. */
    private static LoggedRow start(BrokenEpisode episode) {
        return new LoggedRow(
                episode.id(),
                0.0,
                null,
                new float[0],
                null,
                null,
                Double.NaN,
                null,
                false,
                false,
                null,
                null,
                null,
                null,
                null,
                episode.source(),
                0);
    }

    private static LoggedRow row(Transition transition) {
        return new LoggedRow(
                transition.episodeId(),
                (double) transition.step(),
                null,
                transition.observation(),
                transition.action() instanceof Action.Vector vector ? vector.values() : null,
                transition.action() instanceof Action.Index index ? Double.valueOf(index.index()) : null,
                transition.reward(),
                transition.nextObservation(),
                transition.terminated(),
                transition.truncated(),
                null,
                transition.behaviourLogProb(),
                null,
                null,
                null,
                transition.sourceFile(),
                transition.sourceRow());
    }
}
