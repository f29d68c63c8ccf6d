package io.hindcast.stage.curate;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Moments;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.run.Checkpoint;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.RewardBonus;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.NamedPolicy;
import io.hindcast.stage.curate.Episodes.Ranked;
import io.hindcast.table.KeptTransitions;
import io.hindcast.table.ObservationMoments;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Kept;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.SubsetStepsTable.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A subset after some of its steps; each step makes the next one.
 *
 * @param data what it is made of
 * @param episodes of the dataset, those that are kept
 * @param rankedWithin the column of episodes within whose values they were ranked last, null for all
 * @param change what became of returns
 * @param others what else is drawn from
 * @param done the steps so far
 */
record Curation(
        Data data,
        Episodes episodes,
        @Nullable String rankedWithin,
        ReturnChange change,
        List<OtherDataset> others,
        List<Step> done) {

    /**
     * What subsets are made of.
     *
     * @param spaces of the dataset
     * @param hasRewards whether its rewards were logged
     * @param transitions of the dataset; only steps that need them read them
     * @param others the datasets that mixtures name
     */
    record Data(
            Spaces spaces,
            boolean hasRewards,
            TransitionFiles transitions,
            Map<CurateStep.Source, OtherDataset> others) {}

    /** Every episode. */
    static Curation all(Data data, Episodes episodes) {
        var all = new Curation(data, episodes, null, new ReturnChange(1, 0, data.hasRewards()), List.of(), List.of());
        return all.with(new Step(RunSpec.ALL, Map.of(), all.kept(), null));
    }

    /**
     * What is left after one more step.
     *
     * @param subset whose step it is, for messages
     * @throws UserException if nothing is left, or the data lack what the step needs
     */
    Curation then(CurateStep step, String subset) {
        if (step instanceof CurateStep.Selection selection) {
            return select(selection, subset);
        }
        if (step instanceof CurateStep.Reward reward) {
            return changing(step, new Transformation.Reward(reward.scale(), reward.shift()));
        }
        if (step instanceof CurateStep.NormaliseReturns normalise) {
            var returns = Objects.requireNonNull(last().kept().returns());
            if (!(returns.max() > returns.min())) {
                throw new UserException("Cannot do " + step.inWords() + " in subset " + subset + ": every one of its "
                        + last().kept().episodes() + " episodes returns " + returns.max() + "; leave the step out");
            }
            var scale = normalise.range() / (returns.max() - returns.min());
            return changing(step, new Transformation.Reward(scale, 0));
        }
        if (step instanceof CurateStep.StandardiseObservations standardise) {
            return changing(step, new Transformation.Standardise(Scaler.of(observations(), standardise.epsilon())));
        }
        if (step instanceof CurateStep.ClipActions clip) {
            if (!(data.spaces().actions() instanceof ActionSpace.Continuous)) {
                throw new UserException("Cannot do " + step.inWords() + " in subset " + subset
                        + ": its actions are indices, not vectors; leave the step out");
            }
            return changing(step, new Transformation.ClipActions(clip.margin()));
        }
        if (step instanceof CurateStep.BehaviourBonus bonus) {
            return bonus(bonus, subset);
        }
        return mix((CurateStep.Mixture) step);
    }

    private Curation select(CurateStep.Selection step, String subset) {
        var kept = chosen(step, subset);
        var within = step instanceof CurateStep.TopPercent best ? best.groupColumn() : rankedWithin;
        var left = new Curation(data, kept, within, change, others, done);
        var keptNow = left.kept();
        if (keptNow.episodes() == 0) {
            throw new UserException("Cannot make subset " + subset + ": " + step.inWords() + " keeps none of "
                    + inWords(last().kept()) + "; widen it");
        }
        return left.with(new Step(step.name(), step.settings(), keptNow, null));
    }

    private Episodes chosen(CurateStep.Selection step, String subset) {
        if (step instanceof CurateStep.TopPercent best) {
            return episodes.best(change, best.percent(), best.groupColumn());
        }
        if (step instanceof CurateStep.ReturnRange range) {
            return episodes.returning(change, range.min(), range.max());
        }
        if (step instanceof CurateStep.LengthRange range) {
            return episodes.lasting(range.min(), range.max());
        }
        if (step instanceof CurateStep.Ending ending) {
            return episodes.ending(ending.keep().stream()
                    .map(end -> end.name().toLowerCase(Locale.ROOT))
                    .toList());
        }
        if (step instanceof CurateStep.Group group) {
            return episodes.inGroups(group.keep());
        }
        if (step instanceof CurateStep.Sample sample) {
            return episodes.shared("sample", sample.seed(), 0, sample.fraction());
        }
        if (step instanceof CurateStep.Split split) {
            return episodes.shared("split", split.seed(), split.from(), split.to());
        }
        return first((CurateStep.FirstTransitions) step, subset);
    }

    /** The last of the episodes counts for as much as is left of it. */
    private Episodes first(CurateStep.FirstTransitions step, String subset) {
        var available = last().kept().transitions();
        if (step.count() > available) {
            throw new UserException("Cannot do " + step.inWords() + " in subset " + subset + ": there are " + available
                    + " transitions only; ask for fewer");
        }
        return episodes.first(
                step.count(),
                (id, length) -> data.transitions().read(Map.of(id, length), KeptTransitions::rewards).stream()
                        .flatMap(List::stream)
                        .reduce(0.0, Double::sum));
    }

    private Curation bonus(CurateStep.BehaviourBonus step, String subset) {
        var missing = read((kept, hadoop, file) -> kept.absent(hadoop, file, "behaviour_log_prob")).stream()
                .flatMap(List::stream)
                .reduce(0L, Long::sum);
        if (missing > 0) {
            throw new UserException("Cannot do behaviour-bonus in subset " + subset + ": " + missing + " of its "
                    + last().kept().transitions() + " transitions have no behaviour_log_prob; ingest the log with its"
                    + " propensities, or leave the step out");
        }
        var hadoop = data.transitions().warehouse().hadoop();
        var policy = NamedPolicy.find(
                CheckpointStore.around(step.run(), hadoop),
                step.run(),
                null,
                "behaviour-bonus in subset " + subset,
                checkpoint -> requireProbabilities(checkpoint, data.spaces()));
        var transformation = new Transformation.Bonus(
                String.valueOf(step.settings().get("divergence")), policy, step.weight(), step.limit());
        return changing(step, transformation);
    }

    private static void requireProbabilities(Checkpoint checkpoint, Spaces spaces) {
        try {
            RewardBonus.check(checkpoint, spaces);
        } catch (IllegalStateException | UserException e) {
            throw new UserException(
                    "it does not fit this dataset (" + e.getMessage()
                            + "); name a run with probabilities that learned here",
                    e);
        }
    }

    private Curation changing(CurateStep step, Transformation transformation) {
        var changed = with(transformation.after(change));
        var kept = changed.change.equals(change) ? last().kept() : changed.kept();
        return changed.with(new Step(step.name(), step.settings(), kept, transformation));
    }

    private Curation mix(CurateStep.Mixture step) {
        var found = step.others().stream()
                .map(source -> Objects.requireNonNull(data.others().get(source)))
                .toList();
        var known = change.isKnown() && found.stream().allMatch(OtherDataset::hasRewards);
        var all = new ReturnChange(change.scale(), change.shift(), known);
        var mixed = new Curation(data, episodes, rankedWithin, all, found, done);
        var shares = found.stream().map(OtherDataset::share).toList();
        var settings = SubsetStepsTable.settings(new Mixture(step.weight(), shares));
        return mixed.with(new Step(step.name(), settings, mixed.kept(), null));
    }

    private Curation with(Step step) {
        var steps = new ArrayList<>(done);
        steps.add(step);
        return new Curation(data, episodes, rankedWithin, change, others, List.copyOf(steps));
    }

    private Curation with(ReturnChange changed) {
        return new Curation(data, episodes, rankedWithin, changed, others, done);
    }

    Step last() {
        return done.get(done.size() - 1);
    }

    /** What is published. */
    Ranked ranked() {
        return new Ranked(episodes, change, rankedWithin);
    }

    private Kept kept() {
        var tally = episodes.tally(change);
        var hasParts = episodes.hasParts();
        for (var other : others) {
            tally.merge(other.episodes().tally(change));
            hasParts |= other.episodes().hasParts();
        }
        return tally.kept(hasParts, change.isKnown());
    }

    /** Moments of every entry of the observations that are kept, merged in one order, so that the last digits are the same every time. */
    private List<Moments> observations() {
        return read(KeptTransitions::observations).stream()
                .map(files -> files.stream().reduce(List.of(), ObservationMoments::merge))
                .reduce(List.of(), ObservationMoments::merge);
    }

    /** What is found in each file of the transitions that are kept, of each dataset. */
    private <R> List<List<R>> read(TransitionFiles.Reading<R> reading) {
        var found = new ArrayList<List<R>>();
        found.add(data.transitions().read(choosesEpisodes() ? episodes.lengths() : Map.of(), reading));
        for (var other : others) {
            found.add(other.transitions().read(other.episodes().lengths(), reading));
        }
        return found;
    }

    private boolean choosesEpisodes() {
        return done.stream()
                .anyMatch(step -> step.kept().transitions() < done.get(0).kept().transitions());
    }

    /** For progress: what every step did. */
    List<String> inWords() {
        var lines = new ArrayList<String>();
        lines.add(inWords(done.get(0).kept()));
        for (var i = 1; i < done.size(); i++) {
            var step = done.get(i);
            var name = step.name()
                    + step.settings().values().stream()
                            .filter(value -> !(value instanceof List<?> list && list.get(0) instanceof Map))
                            .map(value -> " " + inWords(value))
                            .collect(Collectors.joining());
            var before = done.get(i - 1).kept();
            lines.add(
                    step.name().equals("mixture")
                            ? name + " makes " + inWords(step.kept())
                            : step.transformation() == null
                                    ? name + " kept " + step.kept().episodes() + " of " + before.episodes()
                                            + " episodes" + ofThem(step.kept())
                                    : name + " (" + step.transformation().inWords() + ")"
                                            + (before.equals(step.kept()) ? "" : ofThem(step.kept())));
        }
        return lines;
    }

    private static String inWords(Kept kept) {
        return kept.episodes() + " episodes" + ofThem(kept);
    }

    private static String ofThem(Kept kept) {
        var returns = kept.returns();
        return (kept.trajectories() == null ? "" : " of " + kept.trajectories() + " logged trajectories") + ", "
                + kept.transitions() + " transitions"
                + (returns == null ? "" : String.format(Locale.ROOT, ", mean return %.4g", returns.mean()));
    }

    private static String inWords(Object value) {
        return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e9
                ? String.valueOf(number.longValue())
                : String.valueOf(value);
    }
}
