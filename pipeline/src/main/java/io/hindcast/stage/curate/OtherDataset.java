package io.hindcast.stage.curate;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.StageContext;
import io.hindcast.table.SubsetStepsTable;
import io.hindcast.table.SubsetStepsTable.Share;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import org.jspecify.annotations.Nullable;

/**
 * A published dataset that a mixture draws from.
 *
 * @param transitions its transitions
 * @param episodes those of its subset
 * @param hasRewards whether its rewards were logged
 * @param share where they are, and what was found there
 */
record OtherDataset(TransitionFiles transitions, Episodes episodes, boolean hasRewards, Share share) {
    /**
     * Finds it.
     *
     * @param spaces what there must be to see and to do
     * @param most as {@link Episodes#all} has it
     * @throws UserException if nothing is published there, it has other spaces or no such subset, or the subset changes rows
     */
    static OtherDataset open(StageContext context, CurateStep.Source source, Spaces spaces, long most) {
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
        var files = new TransitionFiles(context, warehouse, transitions);
        var all = Episodes.all(context, warehouse, published, most);
        if (source.subset().equals(RunSpec.ALL)) {
            return of(files, source, all, null);
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
        return of(files, source, all.of(warehouse, subsets, source.subset()), subsets);
    }

    private static OtherDataset of(
            TransitionFiles transitions, CurateStep.Source source, Episodes episodes, @Nullable TableVersion subsets) {
        var hasRewards = LoggedRewards.areIn(transitions.version());
        var asLogged = new ReturnChange(1, 0, hasRewards);
        var share = new Share(
                source.out().reveal(),
                source.subset(),
                source.weight(),
                episodes.tally(asLogged).kept(episodes.hasParts(), hasRewards).transitions(),
                transitions.version().asParent(),
                subsets == null ? null : subsets.asParent());
        return new OtherDataset(transitions, episodes, hasRewards, share);
    }

    private static UserException cannot(CurateStep.Source source, String reason) {
        return new UserException("Cannot mix with subset " + source.subset() + " of " + source.out() + ": " + reason);
    }
}
