package io.hindcast.stage.collect;

import io.hindcast.collect.CollectConfig;
import io.hindcast.collect.Collector;
import io.hindcast.collect.EpisodeSequence;
import io.hindcast.collect.PlaneGrid;
import io.hindcast.collect.TrainedBehaviour;
import io.hindcast.config.Settings;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.CheckpointRef;
import io.hindcast.env.Behaviour;
import io.hindcast.env.Environment;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.PointMass;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.run.ActingPolicy;
import io.hindcast.run.Seeds;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.NamedPolicy;
import io.hindcast.stage.RunMessages;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.table.DatasetWriter;
import io.hindcast.table.NoveltyTable;
import io.hindcast.table.Publication;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.timeline.Assembled;
import io.hindcast.timeline.IngestTally;
import java.io.Serializable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** Lets a behaviour policy act in an environment and publishes what it did. */
public final class CollectStage {
    private static final double NANOS = 1e9;
    private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;
    /** Where transitions are counted: after so many broken episodes in a row no other is tried. */
    private static final int MOST_BROKEN = 100;

    private static final String LOG_PROB = "behaviour-log-prob";

    private CollectStage() {}

    /**
     * Publishes {@code transitions} and {@code episodes}; of exploration in a plane, {@code novelty} too.
     *
     * <p>An episode in which the environment gives an answer that is none is left out and quarantined as a whole.
     *
     * @throws io.hindcast.config.UserException if the behaviour cannot act in the environment, or its policy is not there, no episode is
     *     left, or something else is published
     */
    public static StageResult run(StageContext context, EnvironmentSpec environment, CollectConfig config) {
        var configuration = Settings.toMap(config);
        configuration.remove("policy"); // it is named below, by its checkpoint
        if (!config.isExploration()) {
            configuration.remove("rnd"); // it decides nothing
        }
        configuration.putAll(environment.decisive());
        TrainedActor trained;
        try (var world = environment.open()) {
            config.check(world); // fails here rather than in a task
            configuration.put("action-space", world.actionSpace().toMap());
            trained = trained(context, config, world);
        }
        if (trained != null) {
            configuration.remove("wanderer");
            configuration.put("policy", trained.toMap());
        }
        if (config.hasPlan()) {
            configuration.put(LOG_PROB, "given the plan");
        }
        return Turn.of(context, TableName.TRANSITIONS.directory(), "collect", configuration, () -> {
            try (var publication = context.warehouse().begin(TableName.TRANSITIONS)) {
                return collect(context, environment, config, configuration, trained, publication);
            }
        });
    }

    /** A trained policy, as tasks make it. */
    private record TrainedActor(
            String root, SerializableConfiguration hadoop, CheckpointRef checkpoint, ActingPolicy policy)
            implements Serializable {
        Map<String, Object> toMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("run", checkpoint.run());
            map.put("step", checkpoint.step());
            map.put("state", checkpoint.state());
            map.put("actions", policy.actions().name().toLowerCase(Locale.ROOT));
            map.put("epsilon", policy.epsilon());
            return map;
        }

        Behaviour in(Environment world) {
            var kernels = new Nd4jKernels();
            whenDone(kernels);
            var store = RunsTable.checkpoints(root, hadoop.value());
            return new TrainedBehaviour(store.read(checkpoint), policy.rule(), world.spaces(), kernels);
        }
    }

    private static @Nullable TrainedActor trained(StageContext context, CollectConfig config, Environment world) {
        var policy = config.policy();
        if (policy == null) {
            return null;
        }
        var root = context.warehouse().root();
        var hadoop = context.warehouse().hadoop();
        var checkpoint = NamedPolicy.find(
                RunsTable.checkpoints(root, hadoop),
                policy.run(),
                policy.step(),
                "collect.policy",
                found -> TrainedBehaviour.requireFit(found, world.name(), world.spaces()));
        return new TrainedActor(root, new SerializableConfiguration(hadoop), checkpoint, policy);
    }

    private static Behaviour behaviour(CollectConfig config, @Nullable TrainedActor trained, Environment world) {
        return trained == null ? config.behaviourIn(world) : trained.in(world);
    }

    private static StageResult collect(
            StageContext context,
            EnvironmentSpec environment,
            CollectConfig config,
            Map<String, Object> configuration,
            @Nullable TrainedActor trained,
            Publication publication) {
        var request = new Request("collect", configuration, List.of(), List.of());
        var published = context.warehouse()
                .madeBy(TableName.TRANSITIONS, earlier(configuration))
                .or(() -> publication.published(request));
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var novelty = context.spark().sparkContext().<float[]>collectionAccumulator("novelty");
        var episodes = config.isSequential()
                ? inOrder(context, environment, config, trained, novelty)
                : inAnyOrder(context, environment, config, trained);
        var tasks = episodes.getNumPartitions();
        context.progress()
                .say("[collect] " + config.amount() + " of " + environment.name() + " in " + tasks
                        + (tasks == 1 ? " task" : " tasks"));
        TableVersion version;
        IngestTally tally;
        try (var writer = new DatasetWriter(publication)) {
            var written = FanOut.stoppable(context, "[collect] " + environment.name(), () -> writer.write(episodes));
            tally = written.tally();
            if (tally.transitions() == 0) {
                throw CollectedEpisode.refusal(environment.name(), tally);
            }
            version = writer.publish(written, request, Optional.empty(), beside(novelty.value()));
        }
        var summary = version + ": " + version.manifest().rows() + " transitions of "
                + version.manifest().episodes() + " episodes"
                + tally.remarks().stream().map(remark -> "; " + remark).collect(Collectors.joining());
        return tally.quarantinedEpisodes() == 0
                ? new StageResult(false, summary, List.of())
                : new StageResult(
                        false,
                        summary + "; quarantined " + tally.quarantinedRows() + " rows of " + tally.quarantinedEpisodes()
                                + " episodes",
                        CollectedEpisode.problems(tally));
    }

    /**
     * The request as an earlier hindcast made it, which gave entries of an action with different bounds as [-1, 1], and logged no
     * probabilities of a behaviour with a plan.
     */
    private static Request earlier(Map<String, Object> configuration) {
        var before = new LinkedHashMap<>(configuration);
        before.remove(LOG_PROB);
        if (before.get("action-space") instanceof Map<?, ?> space
                && (space.get("low") instanceof List || space.get("high") instanceof List)
                && space.get("dimension") instanceof Integer size) {
            before.put("action-space", new ActionSpace.Continuous(size, -1, 1).toMap());
        }
        return new Request("collect", before, List.of(), List.of());
    }

    /** Episodes that know nothing of each other, in many tasks. */
    private static JavaRDD<Assembled> inAnyOrder(
            StageContext context, EnvironmentSpec environment, CollectConfig config, @Nullable TrainedActor trained) {
        var spark = context.spark();
        long episodes = Optional.ofNullable(config.episodes()).orElseThrow();
        var tasks = (int) Math.min(episodes, spark.sparkContext().defaultParallelism());
        return spark.range(0, episodes, 1, tasks).javaRDD().mapPartitions(indices -> {
            var world = environment.open();
            whenDone(world);
            var collector = new Collector(world, behaviour(config, trained, world), new Seeds(config.seed()));
            return IteratorUtils.transformedIterator(
                    indices, index -> CollectedEpisode.of(world, () -> collector.episode(index)));
        });
    }

    /** Episodes that follow from each other, in one task. */
    private static JavaRDD<Assembled> inOrder(
            StageContext context,
            EnvironmentSpec environment,
            CollectConfig config,
            @Nullable TrainedActor trained,
            CollectionAccumulator<float[]> novelty) {
        return context.spark().range(0, 1, 1, 1).javaRDD().mapPartitions(one -> {
            var world = environment.open();
            whenDone(world);
            if (!config.isExploration()) {
                var collector = new Collector(world, behaviour(config, trained, world), new Seeds(config.seed()));
                return new WithProgress(world, config, config.sequence(collector), null);
            }
            var kernels = new Nd4jKernels();
            whenDone(kernels);
            var explorer = config.explorerIn(world, kernels);
            Runnable atEnd =
                    world instanceof PointMass ? () -> novelty.add(explorer.novelty(PlaneGrid.observations())) : null;
            return new WithProgress(world, config, config.sequence(explorer), atEnd);
        });
    }

    private static void whenDone(AutoCloseable resource) {
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Map<TableName, List<@Nullable Object[]>> beside(List<float[]> novelty) {
        return novelty.isEmpty()
                ? Map.of()
                : Map.of(TableName.NOVELTY, NoveltyTable.rows(PlaneGrid.observations(), novelty.get(0)));
    }

    /** A sequence of episodes, with a line every few seconds that says how far it is. */
    private static final class WithProgress implements Iterator<Assembled> {
        private final Environment world;
        private final CollectConfig config;
        private final EpisodeSequence episodes;
        private final @Nullable Runnable atEnd;
        private final long start = System.nanoTime();
        private long said = start;
        private int broken;
        private boolean ended;

        WithProgress(Environment world, CollectConfig config, EpisodeSequence episodes, @Nullable Runnable atEnd) {
            this.world = world;
            this.config = config;
            this.episodes = episodes;
            this.atEnd = atEnd;
        }

        @Override
        public boolean hasNext() {
            var more = episodes.hasNext();
            if (!more && !ended && atEnd != null) {
                atEnd.run();
            }
            ended = !more;
            return more;
        }

        @Override
        public Assembled next() {
            TaskContext.get().killTaskIfInterrupted();
            var episode = CollectedEpisode.of(world, episodes::next);
            broken = episode.quarantined().isEmpty() ? 0 : broken + 1;
            if (broken == MOST_BROKEN && config.steps() != null) {
                throw CollectedEpisode.refusal(
                        world.name(),
                        broken + " episodes in a row ended with an answer that is none",
                        episode.quarantined().get(0));
            }
            var now = System.nanoTime();
            if (now - said > NANOS_BETWEEN_LINES) {
                said = now;
                RunMessages.send(String.format(
                        Locale.ROOT,
                        "[collect] %,d %s %s, %,.0f/s",
                        episodes.steps(),
                        config.steps() == null ? "transitions of" : "of",
                        config.amount(),
                        episodes.steps() / ((now - start) / NANOS)));
            }
            return episode;
        }
    }
}
