package io.hindcast.stage;

import io.hindcast.data.DatasetStats;
import io.hindcast.data.Moments;
import io.hindcast.table.DatasetStatsTable;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TransitionsTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Describes the published transitions and episodes in numbers. */
public final class StatsStage {
    private StatsStage() {}

    /**
     * Publishes {@code dataset_stats} and says what is in the dataset.
     *
     * @throws io.hindcast.config.UserException if there are no transitions, or statistics of others are published
     */
    public static StageResult run(StageContext context) {
        var warehouse = context.warehouse();
        var transitions = warehouse.require(TableName.TRANSITIONS);
        var episodes = warehouse.require(TableName.EPISODES, transitions);
        var request = new Request("stats", Map.of(), List.of(transitions.asParent(), episodes.asParent()), List.of());
        var published = warehouse.published(TableName.DATASET_STATS, request);
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var steps = warehouse.read(transitions).javaRDD();
        var ends = warehouse.read(episodes).select("episode_return", "length").javaRDD();
        var stats = new DatasetStats();
        // In the order of partitions, so that the last digits are the same every time.
        partsOfTransitions(steps).collect().forEach(stats::merge);
        partsOfEpisodes(ends).collect().forEach(stats::merge);
        var version = warehouse.publish(TableName.DATASET_STATS, request, DatasetStatsTable.of(context.spark(), stats));
        inWords(stats, endings(warehouse.read(episodes)))
                .forEach(line -> context.progress().say("[stats] " + line));
        return new StageResult(
                false,
                version + ": " + stats.of("reward").count() + " transitions, "
                        + stats.of("episode_return").count() + " episodes",
                List.of());
    }

    private static JavaRDD<DatasetStats> partsOfTransitions(JavaRDD<Row> rows) {
        return rows.mapPartitions(part -> {
            var stats = new DatasetStats();
            part.forEachRemaining(row -> stats.add(TransitionsTable.transition(row)));
            return List.of(stats).iterator();
        });
    }

    private static JavaRDD<DatasetStats> partsOfEpisodes(JavaRDD<Row> rows) {
        return rows.mapPartitions(part -> {
            var stats = new DatasetStats();
            part.forEachRemaining(row -> stats.addEpisode(row.getDouble(0), row.getLong(1)));
            return List.of(stats).iterator();
        });
    }

    private static String endings(Dataset<Row> episodes) {
        var endings = new ArrayList<String>();
        episodes.groupBy("ending")
                .count()
                .orderBy("ending")
                .collectAsList()
                .forEach(row -> endings.add(row.getLong(1) + " " + row.getString(0)));
        return String.join(", ", endings);
    }

    private static List<String> inWords(DatasetStats stats, String endings) {
        var lines = new ArrayList<String>();
        var returns = stats.of("episode_return");
        var lengths = stats.of("episode_length");
        lines.add(stats.of("reward").count() + " transitions in " + returns.count() + " episodes (" + endings + ")");
        lines.add(words("return", returns));
        lines.add(words("episode length", lengths));
        lines.add(words("reward", stats.of("reward")) + (lengths.max() == 1 ? clickRate(stats.of("reward")) : ""));
        lines.add(ranges("observation", stats.moments().getOrDefault("observation", List.of())));
        if (stats.moments().containsKey("action")) {
            lines.add(ranges("action", stats.moments().get("action")));
        }
        if (stats.moments().containsKey("action_index")) {
            lines.add(words("action index", stats.of("action_index")));
        }
        if (stats.moments().containsKey("propensity")) {
            lines.add(words("propensity", stats.of("propensity")));
        }
        return lines;
    }

    private static String words(String name, Moments moments) {
        return String.format(
                Locale.ROOT, "%s mean %.4g, from %.4g to %.4g", name, moments.mean(), moments.min(), moments.max());
    }

    private static String clickRate(Moments reward) {
        return reward.onlyZeroAndOne()
                ? String.format(Locale.ROOT, " (0/1 rewards: a click rate of %.3g %%)", 100 * reward.mean())
                : "";
    }

    private static String ranges(String name, List<Moments> dimensions) {
        var all = dimensions.stream().reduce(Moments.EMPTY, Moments::merge);
        var constant = dimensions.stream()
                .filter(dimension -> dimension.min() == dimension.max())
                .count();
        return String.format(
                Locale.ROOT,
                "%s of %d numbers, from %.4g to %.4g%s",
                name,
                dimensions.size(),
                all.min(),
                all.max(),
                constant == 0 ? "" : ", " + constant + " of them constant");
    }
}
