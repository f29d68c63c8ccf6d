package io.hindcast.stage.curate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.hindcast.data.Transformation.ReturnChange;
import io.hindcast.table.Publication;
import io.hindcast.table.Request;
import io.hindcast.table.SubsetsTable;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Episodes that Spark holds, however many.
 *
 * @param frame the columns of {@code episodes}
 */
record FrameEpisodes(Dataset<Row> frame, boolean hasParts) implements Episodes {
    static FrameEpisodes all(Warehouse warehouse, TableVersion version, boolean hasParts) {
        return new FrameEpisodes(warehouse.read(version), hasParts);
    }

    @Override
    public Episodes of(Warehouse warehouse, TableVersion subsets, String subset) {
        return with(warehouse
                .read(subsets)
                .where(col("subset").equalTo(subset))
                .join(frame.select("episode_id", "trajectory"), "episode_id"));
    }

    @Override
    public Episodes best(ReturnChange change, double percent, @Nullable String groupColumn) {
        var within = groupColumn == null ? lit(0) : col(groupColumn);
        return with(SubsetsTable.best(
                frame, ofTrajectory(returns(change)), percent, hasParts ? SubsetsTable.ofFirstPart(within) : within));
    }

    @Override
    public Episodes returning(ReturnChange change, @Nullable Double min, @Nullable Double max) {
        return between(returns(change), min, max);
    }

    @Override
    public Episodes lasting(@Nullable Long min, @Nullable Long max) {
        return between(col("length"), min, max);
    }

    private Episodes between(Column column, @Nullable Number least, @Nullable Number greatest) {
        var all = frame.withColumn("asked", ofTrajectory(column));
        var kept = least == null ? all : all.where(col("asked").geq(least));
        return with((greatest == null ? kept : kept.where(col("asked").leq(greatest))).drop("asked"));
    }

    @Override
    public Episodes ending(List<String> endings) {
        return with(frame.where(col("ending").isInCollection(endings)));
    }

    @Override
    public Episodes inGroups(List<String> groups) {
        return with(frame.where(col("group").isInCollection(groups)));
    }

    @Override
    public Episodes shared(String purpose, long seed, double from, double to) {
        var share = SubsetsTable.share(purpose, seed);
        return with(frame.where(share.geq(from).and(share.lt(to))));
    }

    @Override
    public Episodes first(long count, ToDoubleBiFunction<String, Long> returns) {
        var kept = SubsetsTable.first(frame, count);
        var cut = kept.where(col("left").lt(col("length")))
                .select("episode_id", "left")
                .collectAsList();
        if (cut.isEmpty()) {
            return with(kept.drop("left"));
        }
        // Of one episode at most.
        var id = cut.get(0).getString(0);
        var left = returns.applyAsDouble(id, cut.get(0).getLong(1));
        var isCut = col("episode_id").equalTo(id);
        return with(kept.withColumn("episode_return", when(isCut, lit(left)).otherwise(col("episode_return")))
                .withColumn("ending", when(isCut, lit("truncated")).otherwise(col("ending")))
                .withColumn("length", col("left"))
                .drop("left"));
    }

    @Override
    public Tally tally(ReturnChange change) {
        return frame.select(
                        col("length"), ofTrajectory(returns(change)), hasParts ? SubsetsTable.isFirstPart() : lit(true))
                .toJavaRDD()
                .aggregate(
                        new Tally(),
                        (tally, row) -> tally.add(row.getLong(0), row.getDouble(1), row.getBoolean(2)),
                        Tally::merge);
    }

    @Override
    public Map<String, Long> lengths() {
        return frame.select("episode_id", "length").collectAsList().stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
    }

    @Override
    public TableVersion publish(Publication publication, Request request, Map<String, Ranked> subsets, long distinct) {
        var rows = subsets.entrySet().stream()
                .map(subset ->
                        ((FrameEpisodes) subset.getValue().episodes()).ranked(subset.getKey(), subset.getValue()))
                .reduce(Dataset::union)
                .orElseThrow()
                // One task writes them, in an order that does not depend on how they were dealt.
                .coalesce(1)
                .sortWithinPartitions("subset", "rank", "group");
        return publication.publishInOneFile(request, rows, distinct);
    }

    private Dataset<Row> ranked(String subset, Ranked ranked) {
        var within = ranked.within() == null ? lit(0) : col(ranked.within());
        var group = col(ranked.within() == null ? "group" : ranked.within());
        return SubsetsTable.frame(frame, subset, ofTrajectory(returns(ranked.change())), within, group);
    }

    @Override
    public void hold() {
        frame.persist();
    }

    @Override
    public void release() {
        frame.unpersist();
    }

    /** The return of an episode, of rewards as they are by now. */
    private static Column returns(ReturnChange change) {
        var summand = col("length").multiply(change.shift());
        return col("episode_return").multiply(change.scale()).plus(summand);
    }

    /** A number of an episode, of its whole trajectory where it is a part of one. */
    private Column ofTrajectory(Column value) {
        return hasParts ? SubsetsTable.sumOverTrajectory(value) : value;
    }

    private FrameEpisodes with(Dataset<Row> kept) {
        return new FrameEpisodes(kept, hasParts);
    }
}
