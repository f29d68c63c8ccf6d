package io.hindcast.source;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Transition;
import io.hindcast.source.EpisodeRules.ActionConvention;
import io.hindcast.source.EpisodeRules.EpisodePer;
import io.hindcast.source.EpisodeRules.FinalRow;
import io.hindcast.source.EpisodeRules.OutOfBounds;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts rows, in the order of their episodes, into episodes, and turns each into transitions. One row that breaks the
 * contract quarantines its whole episode, so that no transition bridges a hole. Holds one episode at a time.
 */
public final class EpisodeAssembler implements Iterator<Assembled> {
    private final EpisodeRules rules;
    private final Iterator<LoggedRow> rows;
    private @Nullable LoggedRow ahead;
    private String lastFile = "";
    private int episodesOfFile;

    /**
     * @param rows the rows of an episode one after the other, in order; for {@link EpisodePer#FILE} and
     *     {@link EpisodePer#DONE} all of a file's rows
     */
    public EpisodeAssembler(EpisodeRules rules, Iterator<LoggedRow> rows) {
        this.rules = rules;
        this.rows = rows;
        ahead = rows.hasNext() ? rows.next() : null;
    }

    @Override
    public boolean hasNext() {
        return ahead != null;
    }

    @Override
    public Assembled next() {
        var row = ahead;
        if (row == null) {
            throw new NoSuchElementException();
        }
        episodesOfFile = row.file().equals(lastFile) ? episodesOfFile + 1 : 0;
        lastFile = row.file();
        var episode = new ArrayList<LoggedRow>();
        while (row != null) {
            episode.add(row);
            var next = rows.hasNext() ? rows.next() : null;
            ahead = next;
            row = next != null && together(episode.get(episode.size() - 1), next) ? next : null;
        }
        return assemble(episode);
    }

    private boolean together(LoggedRow row, LoggedRow next) {
        return switch (rules.episodePer()) {
            case ROW -> false;
            case FILE -> row.file().equals(next.file());
            case DONE -> row.file().equals(next.file()) && !row.terminated() && !row.truncated();
            case COLUMN -> row.episode() != null && row.episode().equals(next.episode());
        };
    }

    private String id(LoggedRow first) {
        var stem = rules.format().stem(first.file());
        return switch (rules.episodePer()) {
            case ROW -> String.format("%s/%06d", stem, first.row());
            case FILE -> stem;
            case DONE -> String.format("%s/%06d", stem, episodesOfFile);
            case COLUMN -> Objects.requireNonNullElse(first.episode(), "");
        };
    }

    private Assembled assemble(List<LoggedRow> episode) {
        for (var i = 0; i < episode.size(); i++) {
            var fault = fault(episode, i);
            if (fault != null) {
                var row = episode.get(i);
                return new Assembled(List.of(), episode.size(), fault, row.file(), row.row());
            }
        }
        var first = episode.get(0);
        var transitions = rules.actionConvention() == ActionConvention.LED_HERE
                ? fromLedHere(episode, id(first))
                : fromTakenHere(episode, id(first));
        return new Assembled(transitions, episode.size(), null, first.file(), first.row());
    }

    private List<Transition> fromTakenHere(List<LoggedRow> episode, String id) {
        var transitions = new ArrayList<Transition>();
        var last = episode.size() - 1;
        for (var i = 0; i <= last; i++) {
            var row = episode.get(i);
            var next = row.nextObservation() != null
                    ? row.nextObservation()
                    : i < last ? episode.get(i + 1).observation() : null;
            var terminated = row.terminated()
                    || rules.episodePer() == EpisodePer.ROW
                    || (next == null && rules.finalRow() == FinalRow.TERMINATED && !row.truncated());
            var observation = row.observation();
            if (next != null || terminated) {
                // Nothing reads what follows a terminated step.
                var seen = next != null ? next : observation;
                transitions.add(transition(id, i, observation, row, seen, terminated, row.truncated()));
            } else if (row.truncated() && i > 0) {
                var before = episode.get(i - 1);
                transitions.set(i - 1, transition(id, i - 1, before.observation(), before, observation, false, true));
            }
        }
        return transitions;
    }

    private List<Transition> fromLedHere(List<LoggedRow> episode, String id) {
        var transitions = new ArrayList<Transition>();
        for (var i = 1; i < episode.size(); i++) {
            var row = episode.get(i);
            var ends = i == episode.size() - 1 && rules.finalRow() == FinalRow.TERMINATED && !row.truncated();
            transitions.add(transition(
                    id,
                    i - 1,
                    episode.get(i - 1).observation(),
                    row,
                    row.observation(),
                    row.terminated() || ends,
                    row.truncated()));
        }
        return transitions;
    }

    private Transition transition(
            String id,
            int step,
            float[] observation,
            LoggedRow row,
            float[] next,
            boolean terminated,
            boolean truncated) {
        var probability = row.probability();
        return new Transition(
                id,
                step,
                observation,
                action(row),
                row.reward(),
                next,
                terminated,
                truncated && !terminated,
                probability == null ? row.logProbability() : Double.valueOf(Math.log(probability)),
                row.actionMask(),
                row.timeDelta(),
                row.group(),
                row.file(),
                row.row());
    }

    private Action action(LoggedRow row) {
        if (row.action() == null) {
            return new Action.Index(Objects.requireNonNull(row.actionIndex()).intValue());
        }
        var values = row.action().clone();
        if (rules.actionSpace() instanceof ActionSpace.Continuous space && rules.outOfBounds() == OutOfBounds.CLIP) {
            for (var i = 0; i < values.length; i++) {
                values[i] = (float) Math.min(Math.max(values[i], space.low()), space.high());
            }
        }
        return new Action.Vector(values);
    }

    /** Why row {@code i} breaks the contract, or null. */
    private @Nullable String fault(List<LoggedRow> episode, int i) {
        var row = episode.get(i);
        if (rules.episodePer() == EpisodePer.COLUMN && row.episode() == null) {
            return "episode-id is missing";
        }
        var fault = observationFault("observation", row.observation());
        if (fault == null && row.nextObservation() != null) {
            fault = observationFault("next-observation", row.nextObservation());
        }
        if (fault == null && !(rules.actionConvention() == ActionConvention.LED_HERE && i == 0)) {
            fault = decisionFault(row);
        }
        return fault != null ? fault : orderFault(episode, i);
    }

    private @Nullable String observationFault(String name, float[] observation) {
        if (observation.length != rules.observationSize()) {
            return name + " has " + observation.length + " numbers, not " + rules.observationSize();
        }
        return finite(observation) ? null : name + " is missing or not finite";
    }

    private @Nullable String decisionFault(LoggedRow row) {
        if (!Double.isFinite(row.reward())) {
            return "reward is missing or not finite";
        }
        if (row.probability() != null && !(row.probability() > 0 && row.probability() <= 1)) {
            return "propensity is missing or outside (0, 1]";
        }
        if (row.logProbability() != null && !Double.isFinite(row.logProbability())) {
            return "behaviour-log-prob is missing or not finite";
        }
        if (row.timeDelta() != null && !(row.timeDelta() > 0 && Double.isFinite(row.timeDelta()))) {
            return "time-delta is missing or not above 0";
        }
        return rules.actionSpace() instanceof ActionSpace.Continuous space
                ? vectorFault(row.action(), space)
                : indexFault(row);
    }

    private @Nullable String vectorFault(float @Nullable [] action, ActionSpace.Continuous space) {
        if (action == null || action.length != space.dimension()) {
            return "action has " + (action == null ? 0 : action.length) + " numbers, not " + space.dimension();
        }
        if (!finite(action)) {
            return "action is missing or not finite";
        }
        for (var value : action) {
            if (rules.outOfBounds() == OutOfBounds.QUARANTINE && (value < space.low() || value > space.high())) {
                return "action is outside [" + space.low() + ", " + space.high() + "]";
            }
        }
        return null;
    }

    private @Nullable String indexFault(LoggedRow row) {
        var count = rules.actionSpace().size();
        var index = row.actionIndex();
        if (index == null || !(index >= 0 && index < count) || index != Math.rint(index)) {
            return "action-index is not one of 0 to " + (count - 1);
        }
        var mask = row.actionMask();
        if (mask != null && mask.length != count) {
            return "action-mask has " + mask.length + " entries, not " + count;
        }
        return mask == null || mask[index.intValue()] ? null : "action-mask forbids the action taken";
    }

    private static @Nullable String orderFault(List<LoggedRow> episode, int i) {
        var row = episode.get(i);
        if (i == 0) {
            return row.step() == null || Double.isFinite(row.step()) ? null : "step is missing";
        }
        var before = episode.get(i - 1);
        if (row.step() != null && before.step() != null && row.step() != before.step() + 1) {
            return "step is missing, repeated or not consecutive";
        }
        if (before.terminated() || before.truncated()) {
            return "the episode goes on after its end";
        }
        return Objects.equals(row.group(), before.group()) ? null : "group changes in the episode";
    }

    private static boolean finite(float[] values) {
        for (var value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
