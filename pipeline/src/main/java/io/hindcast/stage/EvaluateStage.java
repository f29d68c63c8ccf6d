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
import io.hindcast.table.RunsTable.Kept;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    /** The episodes of a block, or why its checkpoint is not what it should be. */
    private record Played(
            List<Rollout.Episode> episodes, @Nullable String damage) implements Serializable {}

    /**
     * Publishes {@code evaluations}. A checkpoint that {@code runs} promises and that is damaged or missing is a problem of the
     * result and has no rows; the others have theirs.
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
        var hadoop =
                new SerializableConfiguration(context.spark().sparkContext().hadoopConfiguration());
        var root = warehouse.root();
        var store = RunsTable.checkpoints(root, hadoop.value());
        var candidates = candidates(RunsTable.kept(warehouse.read(runs)), store, config);
        var published = publication.published(request);
        if (published.isPresent()) {
            var gaps = gaps(warehouse, published.get(), candidates, store);
            if (gaps.isPresent()) {
                return new StageResult(
                        true,
                        StageResult.upToDate(published.get()).summary(),
                        problems(warehouse, candidates, gaps.get()));
            }
        }
        requireFit(environment, candidates, store);
        context.progress()
                .say("[evaluate] " + candidates.size() + " checkpoints, " + config.episodes() + " episodes each in "
                        + environment.name());
        var evaluation = new PolicyEvaluation(environment, config.episodes(), config.seed());
        var reference = reference(environment, config);
        var blocks = blocks(candidates, config);
        var played = blocks.isEmpty()
                ? List.<Played>of()
                : FanOut.run(context, "[evaluate] blocks of episodes", blocks, block -> {
                    var candidate = block.candidate();
                    try {
                        var checkpoint =
                                RunsTable.checkpoints(root, hadoop.value()).read(candidate.run(), candidate.step());
                        return new Played(
                                evaluation.play(checkpoint, block.from(), block.to(), candidate.paths()), null);
                    } catch (CheckpointStore.Damaged e) {
                        return new Played(List.of(), String.valueOf(e.getMessage()));
                    }
                });
        var gaps = new LinkedHashMap<Candidate, String>();
        for (var i = 0; i < blocks.size(); i++) {
            var damage = played.get(i).damage();
            if (damage != null) {
                gaps.putIfAbsent(blocks.get(i).candidate(), damage);
            }
        }
        var rows = new ArrayList<Row>();
        var episodes = new LinkedHashMap<Candidate, List<Rollout.Episode>>();
        for (var i = 0; i < blocks.size(); i++) {
            var candidate = blocks.get(i).candidate();
            for (var episode : gaps.containsKey(candidate)
                    ? List.<Rollout.Episode>of()
                    : played.get(i).episodes()) {
                episodes.computeIfAbsent(candidate, any -> new ArrayList<>()).add(episode);
                if (episode.fault() == null) {
                    rows.add(EvaluationsTable.row(
                            candidate.run(), candidate.step(), episode, score(reference, episode)));
                }
            }
        }
        var faults = problems(episodes);
        if (rows.isEmpty() && !faults.isEmpty()) {
            throw new UserException("Cannot evaluate in " + environment.name() + ": no episode came to its end; "
                    + faults.get(0) + "; mend the environment");
        }
        var version = publication.publish(request, EvaluationsTable.frame(context.spark(), rows));
        return new StageResult(
                false,
                version + ": " + rows.size() + " episodes of " + (candidates.size() - gaps.size()) + " checkpoints",
                Stream.concat(problems(warehouse, candidates, gaps).stream(), faults.stream())
                        .toList());
    }

    /** A line for each checkpoint with episodes that have no return, and are left out. */
    private static List<String> problems(Map<Candidate, List<Rollout.Episode>> episodes) {
        var problems = new ArrayList<String>();
        episodes.forEach((candidate, played) -> Rollout.problem(played)
                .ifPresent(problem -> problems.add(
                        "of run " + candidate.run() + " after " + candidate.step() + " updates, " + problem)));
        return problems;
    }

    /** The checkpoints that published runs are to have, whether or not they are there. */
    private static List<Candidate> candidates(List<Kept> runs, CheckpointStore store, EvaluateConfig config) {
        var candidates = new ArrayList<Candidate>();
        for (var run : runs) {
            var steps = run.areNoted() ? run.steps() : store.steps(run.run(), run.steps());
            var judged = config.checkpoints() == Checkpoints.ALL || steps.isEmpty()
                    ? steps
                    : steps.subList(steps.size() - 1, steps.size());
            for (var i = 0; i < judged.size(); i++) {
                candidates.add(new Candidate(run.run(), judged.get(i), i == judged.size() - 1 ? config.paths() : 0));
            }
        }
        return candidates;
    }

    /** What is missing in published evaluations, and why; empty if something of it can be played by now. */
    private static Optional<Map<Candidate, String>> gaps(
            Warehouse warehouse, TableVersion published, List<Candidate> candidates, CheckpointStore store) {
        var played = warehouse.read(published).select("run_id", "step").distinct().collectAsList().stream()
                .map(row -> CheckpointStore.location(row.getString(0), row.getLong(1)))
                .collect(Collectors.toSet());
        var gaps = new LinkedHashMap<Candidate, String>();
        for (var candidate : candidates) {
            if (!played.contains(CheckpointStore.location(candidate.run(), candidate.step()))) {
                var damage = store.damage(candidate.run(), candidate.step());
                if (damage.isEmpty()) {
                    return Optional.empty();
                }
                gaps.put(candidate, damage.get());
            }
        }
        return Optional.of(gaps);
    }

    /** A line for every run of which a checkpoint was not played. */
    private static List<String> problems(Warehouse warehouse, List<Candidate> candidates, Map<Candidate, String> gaps) {
        if (candidates.isEmpty()) {
            return List.of("no run left a checkpoint that could be played; train says why");
        }
        var byRun = gaps.keySet().stream()
                .collect(Collectors.groupingBy(Candidate::run, LinkedHashMap::new, Collectors.toList()));
        return byRun.entrySet().stream()
                .map(run -> {
                    var missing = run.getValue();
                    var last = missing.get(missing.size() - 1);
                    var others = missing.size() == 1 ? "" : " (and " + (missing.size() - 1) + " more)";
                    return "run " + run.getKey() + " was not evaluated after " + last.step() + " updates" + others
                            + ": "
                            + gaps.get(last) + "; run train again with the same configuration and --out "
                            + warehouse.root() + ", which makes it anew, and then evaluate";
                })
                .toList();
    }

    private static void requireFit(EnvironmentSpec environment, List<Candidate> candidates, CheckpointStore store) {
        for (var candidate : candidates) {
            try {
                var learned = store.spaces(candidate.run(), candidate.step());
                EnvironmentFit.require("evaluate", environment, learned, "the policies learned from");
                return;
            } catch (CheckpointStore.Damaged e) {
                // The next one tells.
            }
        }
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
