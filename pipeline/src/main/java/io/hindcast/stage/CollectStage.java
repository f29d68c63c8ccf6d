package io.hindcast.stage;

import io.hindcast.config.Settings;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.CollectConfig;
import io.hindcast.run.Collector;
import io.hindcast.run.Seeds;
import io.hindcast.source.Assembled;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/** Lets a behaviour policy act in an environment and publishes what it did. */
public final class CollectStage {
    private CollectStage() {}

    /**
     * Publishes {@code transitions} and {@code episodes}.
     *
     * @throws io.hindcast.config.UserException if the behaviour cannot act in the environment, or something else is published
     */
    public static StageResult run(StageContext context, EnvironmentSpec environment, CollectConfig config) {
        var configuration = Settings.toMap(config);
        configuration.putAll(environment.decisive());
        try (var world = environment.open()) {
            config.behaviourIn(world); // fails here rather than in a task
            configuration.put("action-space", ActionSpaceConfig.toMap(world.actionSpace()));
        }
        var request = new Request("collect", configuration, List.of(), List.of());
        var warehouse = context.warehouse();
        var published = warehouse.published(TableName.TRANSITIONS, request);
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var spark = context.spark();
        var tasks = Math.min(config.episodes(), spark.sparkContext().defaultParallelism());
        context.progress()
                .say("[collect] " + config.episodes() + " episodes of " + environment.name() + " in " + tasks
                        + " tasks");
        var episodes = spark.range(0, config.episodes(), 1, tasks)
                .javaRDD()
                .mapPartitions(indices -> episodes(environment, config, indices));
        TableVersion version;
        try (var writer = new DatasetWriter(warehouse)) {
            version = writer.publish(writer.write(episodes), request, Optional.empty());
        }
        return new StageResult(
                false,
                version + ": " + version.manifest().rows() + " transitions of "
                        + version.manifest().episodes() + " episodes",
                List.of());
    }

    private static Iterator<Assembled> episodes(
            EnvironmentSpec environment, CollectConfig config, Iterator<Long> indices) {
        var world = environment.open();
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> world.close());
        var collector = new Collector(world, config.behaviourIn(world), new Seeds(config.seed()));
        return IteratorUtils.transformedIterator(indices, index -> Assembled.of(collector.episode(index)));
    }
}
