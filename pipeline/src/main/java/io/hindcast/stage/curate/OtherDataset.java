package io.hindcast.stage.curate;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.Trajectories;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Share;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * A published dataset that a mixture draws from.
 *
 * @param warehouse where it is
 * @param version of its transitions
 * @param episodes those of its subset
 * @param hasRewards whether its rewards were logged
 * @param hasParts whether any of these episodes is a later part of a logged trajectory
 * @param share where they are, and what was found there
 */
record OtherDataset(
        Warehouse warehouse,
        TableVersion version,
        Dataset<Row> episodes,
        boolean hasRewards,
        boolean hasParts,
        Share share) {
    /**
     * Finds it.
     *
     * @param spaces what there must be to see and to do
     * @throws UserException if nothing is published there, it has other spaces or no such subset, or the subset changes rows
     */
    static OtherDataset open(StageContext context, CurateStep.Source source, Spaces spaces) {
        var warehouse = new Warehouse(context.engine(), source.out().reveal());
        var published = warehouse.snapshot();
        var transitions = published.require(TableName.TRANSITIONS);
        var there = ActionSpaceConfig.spaces(warehouse, transitions);
        if (!there.equals(spaces)) {
            throw cannot(
                    source,
                    "it has observations of " + there.observationSize() + " and " + there.actions()
                            + ", this dataset of " + spaces.observationSize() + " and " + spaces.actions()
                            + "; only datasets with the same can be mixed");
        }
        var all = published.require(TableName.EPISODES);
        if (source.subset().equals(RunSpec.ALL)) {
            return of(warehouse, source, transitions, warehouse.read(all), null);
        }
        var subsets = published.require(TableName.SUBSETS);
        var steps = SubsetStepsTable.all(warehouse, published.require(TableName.SUBSET_STEPS));
        var known = SubsetStepsTable.names(steps);
        if (!known.contains(source.subset())) {
            throw Settings.unknown("subset", source.subset(), known, " (of " + source.out() + ", in a mixture)");
        }
        if (!SubsetStepsTable.transformations(steps, source.subset()).isEmpty()
                || SubsetStepsTable.mixture(steps, source.subset()).isPresent()) {
            throw cannot(
                    source,
                    "it is itself a mixture or changes rows; mix the subset that it comes from, and change rows here");
        }
        var trajectories = warehouse.read(all).select("episode_id", "trajectory");
        var episodes = warehouse
                .read(subsets)
                .where(col("subset").equalTo(source.subset()))
                .join(trajectories, "episode_id");
        return of(warehouse, source, transitions, episodes, subsets);
    }

    /** All its transitions. */
    Dataset<Row> transitions() {
        return warehouse.read(version);
    }

    /** Where these are. */
    List<String> files() {
        return warehouse.files(version);
    }

    /** The rows of {@code transitions} that belong to {@code episodes}, of each its first {@code length}. */
    static Dataset<Row> rows(Dataset<Row> transitions, Dataset<Row> episodes) {
        var kept = broadcast(
                episodes.select(col("episode_id").as("kept_id"), col("length").as("kept_length")));
        var isKept = col("episode_id").equalTo(col("kept_id")).and(col("step").lt(col("kept_length")));
        return transitions.join(kept, isKept, "left_semi");
    }

    private static OtherDataset of(
            Warehouse warehouse,
            CurateStep.Source source,
            TableVersion transitions,
            Dataset<Row> episodes,
            @Nullable TableVersion subsets) {
        var rows = episodes.groupBy().sum("length").first().getLong(0);
        var share = new Share(
                source.out().reveal(),
                source.subset(),
                source.weight(),
                rows,
                transitions.asParent(),
                subsets == null ? null : subsets.asParent());
        return new OtherDataset(
                warehouse,
                transitions,
                episodes,
                LoggedRewards.areIn(transitions),
                Trajectories.haveParts(transitions),
                share);
    }

    private static UserException cannot(CurateStep.Source source, String reason) {
        return new UserException("Cannot mix with subset " + source.subset() + " of " + source.out() + ": " + reason);
    }
}
