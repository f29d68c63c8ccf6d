package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.CheckpointStore;
import io.hindcast.score.PolicyEvaluation;
import io.hindcast.score.ReferenceScores;
import io.hindcast.score.Rollout;
import io.hindcast.stage.EvaluateConfig.Checkpoints;
import io.hindcast.table.EvaluationsTable;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Plays the checkpoints of all runs in their environment, one Spark task a block of episodes of one checkpoint. */
public final class EvaluateStage {
    private EvaluateStage() {}

    /**
     * A checkpoint to play.
     *
     * @param paths how many of its episodes leave a path
     */
    private record Candidate(String run, long step, int paths) implements Serializable {}

    /** The episodes {@code [from, to)} of a checkpoint. */
    private record Block(Candidate candidate, int from, int to) implements Serializable {}

    /**
     * Publishes {@code evaluations}.
     *
     * @param environment where they play
     * @throws io.hindcast.config.UserException if nothing was trained, the environment does not fit what was learned, or other evaluations are
     *     published
     */
    public static StageResult run(StageContext context, EnvironmentSpec environment, EvaluateConfig config) {
        var warehouse = context.warehouse();
        var publication = warehouse.begin(TableName.EVALUATIONS);
        var runs = warehouse.snapshot().require(TableName.RUNS);
        var configuration = config.decisive();
        configuration.putAll(environment.decisive());
        var request = new Request("evaluate", configuration, List.of(runs.asParent()), List.of());
        var published = publication.published(request);
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        var hadoop =
                new SerializableConfiguration(context.spark().sparkContext().hadoopConfiguration());
        var root = warehouse.root();
        var candidates = candidates(context, runs, RunsTable.checkpoints(root, hadoop.value()), config);
        if (!candidates.isEmpty()) {
            var first = candidates.get(0);
            var learned = RunsTable.checkpoints(root, hadoop.value())
                    .read(first.run(), first.step())
                    .spaces();
            EnvironmentFit.require("evaluate", environment, learned, "the policies learned from");
        }
        context.progress()
                .say("[evaluate] " + candidates.size() + " checkpoints, " + config.episodes() + " episodes each in "
                        + environment.name());
        var evaluation = new PolicyEvaluation(environment, config.episodes(), config.seed());
        var reference = reference(environment, config);
        var blocks = blocks(candidates, config);
        var played = FanOut.run(context, "[evaluate] blocks of episodes", blocks, block -> {
            var checkpoint = RunsTable.checkpoints(root, hadoop.value())
                    .read(block.candidate().run(), block.candidate().step());
            return evaluation.play(
                    checkpoint, block.from(), block.to(), block.candidate().paths());
        });
        var rows = new ArrayList<Row>();
        var episodes = new LinkedHashMap<Candidate, List<Rollout.Episode>>();
        for (var i = 0; i < blocks.size(); i++) {
            var candidate = blocks.get(i).candidate();
            for (var episode : played.get(i)) {
                episodes.computeIfAbsent(candidate, any -> new ArrayList<>()).add(episode);
                if (episode.fault() == null) {
                    rows.add(EvaluationsTable.row(
                            candidate.run(), candidate.step(), episode, score(reference, episode)));
                }
            }
        }
        var problems = problems(episodes);
        if (rows.isEmpty() && !problems.isEmpty()) {
            throw new UserException("Cannot evaluate in " + environment.name() + ": no episode came to its end; "
                    + problems.get(0) + "; mend the environment");
        }
        var version = publication.publish(request, EvaluationsTable.frame(context.spark(), rows));
        return new StageResult(
                false, version + ": " + rows.size() + " episodes of " + candidates.size() + " checkpoints", problems);
    }

    /** A line for each checkpoint with episodes that have no return, and are left out. */
    private static List<String> problems(Map<Candidate, List<Rollout.Episode>> episodes) {
        var problems = new ArrayList<String>();
        episodes.forEach((candidate, played) -> Rollout.problem(played)
                .ifPresent(problem -> problems.add(
                        "of run " + candidate.run() + " after " + candidate.step() + " updates, " + problem)));
        return problems;
    }

    private static List<Candidate> candidates(
            StageContext context, TableVersion version, CheckpointStore store, EvaluateConfig config) {
        var candidates = new ArrayList<Candidate>();
        var runs = context.warehouse().read(version);
        for (var row : runs.select("run_id").orderBy("run_id").collectAsList()) {
            var run = row.getString(0);
            var steps = store.steps(run);
            var judged = config.checkpoints() == Checkpoints.ALL || steps.isEmpty()
                    ? steps
                    : steps.subList(steps.size() - 1, steps.size());
            for (var i = 0; i < judged.size(); i++) {
                candidates.add(new Candidate(run, judged.get(i), i == judged.size() - 1 ? config.paths() : 0));
            }
        }
        return candidates;
    }

    private static List<Block> blocks(List<Candidate> candidates, EvaluateConfig config) {
        var blocks = new ArrayList<Block>();
        for (var candidate : candidates) {
            for (var from = 0; from < config.episodes(); from += config.episodesPerTask()) {
                blocks.add(new Block(candidate, from, Math.min(from + config.episodesPerTask(), config.episodes())));
            }
        }
        return blocks;
    }

    private static @Nullable ReferenceScores reference(EnvironmentSpec environment, EvaluateConfig config) {
        var given = config.reference();
        return given == null
                ? ReferenceScores.of(environment.name()).orElse(null)
                : new ReferenceScores(given.min(), given.max(), ReferenceScores.Measure.RETURN);
    }

    private static @Nullable Double score(@Nullable ReferenceScores reference, Rollout.Episode episode) {
        return reference == null ? null : reference.score(episode);
    }
}
