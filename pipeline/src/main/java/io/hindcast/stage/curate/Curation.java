package io.hindcast.stage.curate;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

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
import io.hindcast.table.ObservationMoments;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Kept;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.SubsetStepsTable.Returns;
import io.hindcast.table.SubsetStepsTable.Step;
import io.hindcast.table.SubsetsTable;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A subset after some of its steps; each step makes the next one.
 *
 * @param data what it is made of
 * @param episodes of the dataset, those that are kept, all columns
 * @param rankedWithin the column of episodes within whose values they were ranked last, null for all
 * @param change what became of returns
 * @param others what else is drawn from
 * @param done the steps so far
 */
record Curation(
        Data data,
        Dataset<Row> episodes,
        @Nullable String rankedWithin,
        ReturnChange change,
        List<OtherDataset> others,
        List<Step> done) {

    /**
     * What subsets are made of.
     *
     * @param spaces of the dataset
     * @param hasRewards whether its rewards were logged
     * @param hasParts whether any of its episodes is a later part of a logged trajectory
     * @param warehouse where the dataset is
     * @param version of its transitions
     * @param others the datasets that mixtures name
     */
    record Data(
            Spaces spaces,
            boolean hasRewards,
            boolean hasParts,
            Warehouse warehouse,
            TableVersion version,
            Map<CurateStep.Source, OtherDataset> others) {

        /** Its transitions; only steps that need them read them. */
        Dataset<Row> transitions() {
            return warehouse.read(version);
        }

        /** Where these are. */
        List<String> files() {
            return warehouse.files(version);
        }
    }

    /** Every episode. */
    static Curation all(Data data, Dataset<Row> episodes) {
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

    private Dataset<Row> chosen(CurateStep.Selection step, String subset) {
        if (step instanceof CurateStep.TopPercent best) {
            var within = best.groupColumn() == null ? lit(0) : col(best.groupColumn());
            return SubsetsTable.best(
                    episodes,
                    ofTrajectory(returns()),
                    best.percent(),
                    data.hasParts() ? SubsetsTable.ofFirstPart(within) : within);
        }
        if (step instanceof CurateStep.ReturnRange range) {
            return between(ofTrajectory(returns()), range.min(), range.max());
        }
        if (step instanceof CurateStep.LengthRange range) {
            return between(ofTrajectory(col("length")), range.min(), range.max());
        }
        if (step instanceof CurateStep.Ending ending) {
            return episodes.where(col("ending")
                    .isInCollection(ending.keep().stream()
                            .map(end -> end.name().toLowerCase(Locale.ROOT))
                            .toList()));
        }
        if (step instanceof CurateStep.Group group) {
            return episodes.where(col("group").isInCollection(group.keep()));
        }
        if (step instanceof CurateStep.Sample sample) {
            return episodes.where(SubsetsTable.share("sample", sample.seed()).lt(sample.fraction()));
        }
        if (step instanceof CurateStep.Split split) {
            var share = SubsetsTable.share("split", split.seed());
            return episodes.where(share.geq(split.from()).and(share.lt(split.to())));
        }
        return first((CurateStep.FirstTransitions) step, subset);
    }

    /** The last of the episodes counts for as much as is left of it. */
    private Dataset<Row> first(CurateStep.FirstTransitions step, String subset) {
        var available = last().kept().transitions();
        if (step.count() > available) {
            throw new UserException("Cannot do " + step.inWords() + " in subset " + subset + ": there are " + available
                    + " transitions only; ask for fewer");
        }
        var kept = SubsetsTable.first(episodes, step.count());
        var cut = kept.where(col("left").lt(col("length")))
                .select("episode_id", "left")
                .collectAsList();
        if (cut.isEmpty()) {
            return kept.drop("left");
        }
        // Of one episode at most.
        var id = cut.get(0).getString(0);
        var left = cut.get(0).getLong(1);
        var rewards = data.transitions()
                .where(col("episode_id").equalTo(id).and(col("step").lt(left)))
                .orderBy("step")
                .select("reward")
                .as(Encoders.DOUBLE())
                .collectAsList();
        var sum = rewards.stream().reduce(0.0, Double::sum);
        var isCut = col("episode_id").equalTo(id);
        return kept.withColumn("episode_return", when(isCut, lit(sum)).otherwise(col("episode_return")))
                .withColumn("ending", when(isCut, lit("truncated")).otherwise(col("ending")))
                .withColumn("length", col("left"))
                .drop("left");
    }

    private Dataset<Row> between(Column column, @Nullable Number least, @Nullable Number greatest) {
        var all = episodes.withColumn("asked", column);
        var kept = least == null ? all : all.where(col("asked").geq(least));
        return (greatest == null ? kept : kept.where(col("asked").leq(greatest))).drop("asked");
    }

    private Curation bonus(CurateStep.BehaviourBonus step, String subset) {
        var missing = column("behaviour_log_prob")
                .where(col("behaviour_log_prob").isNull())
                .count();
        if (missing > 0) {
            throw new UserException("Cannot do behaviour-bonus in subset " + subset + ": " + missing + " of its "
                    + last().kept().transitions() + " transitions have no behaviour_log_prob; ingest the log with its"
                    + " propensities, or leave the step out");
        }
        var hadoop = data.warehouse().hadoop();
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

    /** The frame to publish under a name. */
    Dataset<Row> frame(String subset) {
        var within = rankedWithin == null ? lit(0) : col(rankedWithin);
        var group = col(rankedWithin == null ? "group" : rankedWithin);
        return SubsetsTable.frame(episodes, subset, ofTrajectory(returns()), within, group);
    }

    /** The return of an episode, of rewards as they are by now. */
    private Column returns() {
        var summand = col("length").multiply(change.shift());
        return col("episode_return").multiply(change.scale()).plus(summand);
    }

    /** A number of an episode, of its whole trajectory where it is a part of one. */
    private Column ofTrajectory(Column value) {
        return data.hasParts() ? SubsetsTable.sumOverTrajectory(value) : value;
    }

    private Kept kept() {
        var hasParts = data.hasParts() || others.stream().anyMatch(OtherDataset::hasParts);
        var all = measured(episodes, hasParts);
        for (var other : others) {
            all = all.union(measured(other.episodes(), hasParts));
        }
        var ofOne = when(col("is_first"), col("return"));
        var row = all.agg(count(lit(1)), sum("length"), avg(ofOne), min("return"), max("return"), count(ofOne))
                .first();
        if (row.getLong(0) == 0) {
            return new Kept(0, null, 0, null);
        }
        var returns = new Returns(row.getDouble(2), row.getDouble(3), row.getDouble(4));
        var trajectories = hasParts ? Long.valueOf(row.getLong(5)) : null;
        return new Kept(row.getLong(0), trajectories, row.getLong(1), change.isKnown() ? returns : null);
    }

    /** Episodes with the return of their trajectory, and whether they are the first part of it. */
    private Dataset<Row> measured(Dataset<Row> some, boolean hasParts) {
        return some.select(
                col("length"),
                (hasParts ? SubsetsTable.sumOverTrajectory(returns()) : returns()).as("return"),
                (hasParts ? SubsetsTable.isFirstPart() : lit(true)).as("is_first"));
    }

    /** A column of the transitions of the episodes that are kept. */
    private Dataset<Row> column(String name) {
        var rows = choosesEpisodes() ? OtherDataset.rows(data.transitions(), episodes) : data.transitions();
        var column = rows.select(name);
        for (var other : others) {
            column = column.union(
                    OtherDataset.rows(other.transitions(), other.episodes()).select(name));
        }
        return column;
    }

    /** Moments of every entry of the observations that are kept. */
    private List<Moments> observations() {
        var spark = episodes.sparkSession();
        var sum = ObservationMoments.of(spark, data.files(), choosesEpisodes() ? lengths(episodes) : Map.of());
        for (var other : others) {
            sum = ObservationMoments.merge(sum, ObservationMoments.of(spark, other.files(), lengths(other.episodes())));
        }
        return sum;
    }

    /** How many transitions of each episode count. */
    private static Map<String, Long> lengths(Dataset<Row> episodes) {
        return episodes.select("episode_id", "length").collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
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
