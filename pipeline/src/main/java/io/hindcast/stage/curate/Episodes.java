package io.hindcast.stage.curate;

import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.Trajectories;
import io.hindcast.table.Publication;
import io.hindcast.table.Request;
import io.hindcast.table.Snapshot;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Episodes of a dataset: all, or those that steps keep. What is asked of returns and lengths is asked of logged trajectories, of
 * which an episode may be a part. Few episodes are rows of this process, many are a frame; what they tell is the same to the last bit.
 */
sealed interface Episodes permits RowEpisodes, FrameEpisodes {
    /** How many of a dataset are rows of this process, where that does all the work: Spark takes longer to start. */
    long MOST_ROWS = 100_000;

    /**
     * All of a dataset.
     *
     * @param most how many can be rows of this process
     */
    static Episodes all(StageContext context, Warehouse warehouse, Snapshot there, long most) {
        var version = there.require(TableName.EPISODES);
        var hasParts = Trajectories.haveParts(there.require(TableName.TRANSITIONS));
        return context.engine().isLocal() && version.manifest().rows() <= most
                ? RowEpisodes.all(warehouse, version, hasParts)
                : FrameEpisodes.all(warehouse, version, hasParts);
    }

    /**
     * Those of a published subset, with the lengths and returns that they have in it. These are for {@link #tally} and
     * {@link #lengths} only.
     */
    Episodes of(Warehouse warehouse, TableVersion subsets, String subset);

    /**
     * Those of the best trajectories of each group by return, ties by trajectory id.
     *
     * @param percent how many trajectories of each group, in (0, 100]
     * @param groupColumn the column of episodes whose value in the first part of a trajectory makes a group; null: all are one
     */
    Episodes best(ReturnChange change, double percent, @Nullable String groupColumn);

    /** Those of trajectories whose return is in a range; null: no limit. */
    Episodes returning(ReturnChange change, @Nullable Double min, @Nullable Double max);

    /** Those of trajectories whose length is in a range; null: no limit. */
    Episodes lasting(@Nullable Long min, @Nullable Long max);

    /** Those that end in one of some ways, as {@code episodes} has them. */
    Episodes ending(List<String> endings);

    /** Those of some groups. */
    Episodes inGroups(List<String> groups);

    /** Those whose trajectory's {@link io.hindcast.data.EpisodeShare} is in [{@code from}, {@code to}). */
    Episodes shared(String purpose, long seed, double from, double to);

    /**
     * Those that hold the first transitions, in the order of their trajectories' ids and then of their own, shorter ids first: so is
     * the order of those that end in a number that counts them, however far it counts. The last of them is cut, and then truncated.
     *
     * @param count how many transitions, no more than there are
     * @param returns the return of an episode's first so many transitions
     */
    Episodes first(long count, ToDoubleBiFunction<String, Long> returns);

    /** What they are together. */
    Tally tally(ReturnChange change);

    /** Whether any of the dataset's is a later part of a logged trajectory. */
    boolean hasParts();

    /** How many transitions of each are kept. */
    Map<String, Long> lengths();

    /**
     * Publishes subsets, in the order of rank and group.
     *
     * @param subsets by name, all of episodes that were made of these
     * @param distinct how many different episodes they have together
     */
    TableVersion publish(Publication publication, Request request, Map<String, Ranked> subsets, long distinct);

    /** Keeps them in memory until {@link #release}, since they are asked more than once. */
    default void hold() {}

    /** Forgets them. */
    default void release() {}

    /**
     * The episodes of a subset and what ranks them.
     *
     * @param within the column of episodes within whose values they are ranked; null: within all
     */
    record Ranked(
            Episodes episodes,
            ReturnChange change,
            @Nullable String within) {}
}
