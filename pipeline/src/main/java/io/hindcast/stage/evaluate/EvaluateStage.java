package io.hindcast.stage.evaluate;

import io.hindcast.config.UserException;
import io.hindcast.data.Findings;
import io.hindcast.env.Environment;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.run.CheckpointStore;
import io.hindcast.score.PolicyEvaluation;
import io.hindcast.score.ReferenceScores;
import io.hindcast.score.Rollout;
import io.hindcast.stage.EnvironmentFit;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.stage.evaluate.EvaluateConfig.Checkpoints;
import io.hindcast.table.EvaluationsTable;
import io.hindcast.table.Registry;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.RunsTable.Kept;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
     * @param root the directory that it is kept in: the output directory, or that of a registry
     * @param paths how many of its episodes leave a path
     */
    private record Candidate(String root, String run, long step, int paths) implements Serializable {
        String place() {
            return CheckpointStore.location(run, step);
        }

        CheckpointStore store(SerializableConfiguration hadoop) {
            return RunsTable.checkpoints(root, hadoop.value());
        }
    }

    /** The episodes {@code [from, to)} of a checkpoint. */
    private record Block(Candidate candidate, int from, int to) implements Serializable {}

    /**
     * The episodes of a block, or why its checkpoint is not what it should be.
     *
     * @param state the SHA-256 of the state that played them
     */
    private record Played(
            List<Rollout.Episode> episodes,
            long outOfBounds,
            String state,
            @Nullable String damage) implements Serializable {}

    /**
     * Publishes {@code evaluations}. A checkpoint that {@code runs} promises and that is damaged or missing is a problem of the
     * result and has no rows; so is one of which episodes broke, which have none. Where evaluations are published, what they
     * lack is tried again.
     *
     * @param environment where they play
     * @throws io.hindcast.config.UserException if nothing was trained, the environment does not fit what was learned, or other evaluations are
     *     published
     */
    public static StageResult run(StageContext context, EnvironmentSpec environment, EvaluateConfig config) {
        return run(context, environment, null, config);
    }

    /** The same, where the champion of a registry plays too. */
    public static StageResult run(
            StageContext context,
            EnvironmentSpec environment,
            @Nullable RegistryConfig registry,
            EvaluateConfig config) {
        var configuration = config.decisive();
        configuration.putAll(environment.decisive());
        return Turn.of(
                context,
                "evaluate",
                "evaluate",
                configuration,
                () -> evaluate(context, environment, registry, config, configuration));
    }

    private static StageResult evaluate(
            StageContext context,
            EnvironmentSpec environment,
            @Nullable RegistryConfig registry,
            EvaluateConfig config,
            Map<String, Object> configuration) {
        var warehouse = context.warehouse();
        var publication = warehouse.begin(TableName.EVALUATIONS);
        var runs = warehouse.snapshot().require(TableName.RUNS);
        var request = new Request("evaluate", configuration, List.of(runs.asParent()), List.of());
        var hadoop = new SerializableConfiguration(context.engine().hadoop());
        var root = warehouse.root();
        var store = RunsTable.checkpoints(root, hadoop.value());
        var policies = RunsTable.ofPolicies(TableRows.of(warehouse, runs));
        var withoutPolicy = runs.manifest().rows() - policies.size();
        if (withoutPolicy > 0) {
            context.progress()
                    .say("[evaluate] " + withoutPolicy + (withoutPolicy == 1 ? " run has" : " runs have")
                            + " learned values only and no policy that could be played");
        }
        if (withoutPolicy > 0 && withoutPolicy == runs.manifest().rows()) {
            return new StageResult(true, "no run has a policy: nothing to play", List.of());
        }
        var candidates = candidates(root, RunsTable.kept(policies), store, config);
        if (registry != null && !candidates.isEmpty()) {
            champion(context, registry)
                    .filter(champion -> candidates.stream()
                            .noneMatch(candidate -> candidate.place().equals(champion.place())))
                    .ifPresent(candidates::add);
        }
        var published = publication.published(request);
        var there = published.map(version -> counts(warehouse, version)).orElse(Map.of());
        var unfinished = candidates.stream()
                .filter(candidate -> there.getOrDefault(candidate.place(), 0L) < config.episodes())
                .toList();
        var gaps = new LinkedHashMap<Candidate, String>();
        if (published.isPresent()) {
            for (var candidate : unfinished) {
                candidate
                        .store(hadoop)
                        .damage(candidate.run(), candidate.step())
                        .ifPresent(damage -> gaps.put(candidate, damage));
            }
        }
        var toPlay = unfinished.stream()
                .filter(candidate -> !gaps.containsKey(candidate))
                .toList();
        if (published.isPresent() && toPlay.isEmpty()) {
            return upToDate(published.get(), problems(warehouse, candidates, gaps), List.of());
        }
        requireFit(environment, toPlay, hadoop);
        context.progress()
                .say("[evaluate] " + toPlay.size() + " checkpoints, " + config.episodes() + " episodes each in "
                        + environment.name());
        var evaluation = new PolicyEvaluation(environment, config.episodes(), config.seed());
        var reference = reference(environment, config);
        var blocks = blocks(toPlay, config);
        var played = blocks.isEmpty()
                ? List.<Played>of()
                : FanOut.run(context, "[evaluate] blocks of episodes", blocks, block -> {
                    var candidate = block.candidate();
                    try {
                        var checkpoints = candidate.store(hadoop);
                        var checkpoint = checkpoints.ref(candidate.run(), candidate.step());
                        var done = evaluation.play(
                                checkpoints.read(checkpoint), block.from(), block.to(), candidate.paths());
                        return new Played(done.episodes(), done.outOfBounds(), checkpoint.state(), null);
                    } catch (CheckpointStore.Damaged | CheckpointStore.Replaced e) { // train may be mending it
                        return new Played(List.of(), 0, "", String.valueOf(e.getMessage()));
                    }
                });
        for (var i = 0; i < blocks.size(); i++) {
            var damage = played.get(i).damage();
            if (damage != null) {
                gaps.putIfAbsent(blocks.get(i).candidate(), damage);
            }
        }
        var rows = published
                .map(version -> rows(warehouse, version, candidates))
                .orElseGet(LinkedHashMap<Candidate, Map<Integer, Row>>::new);
        var before = count(rows);
        var episodes = new LinkedHashMap<Candidate, List<Rollout.Episode>>();
        for (var i = 0; i < blocks.size(); i++) {
            var candidate = blocks.get(i).candidate();
            if (gaps.containsKey(candidate)) {
                continue;
            }
            for (var episode : played.get(i).episodes()) {
                episodes.computeIfAbsent(candidate, any -> new ArrayList<>()).add(episode);
                if (episode.fault() == null) {
                    rows.computeIfAbsent(candidate, any -> new TreeMap<>())
                            .put(
                                    episode.number(),
                                    EvaluationsTable.row(
                                            candidate.run(),
                                            candidate.step(),
                                            played.get(i).state(),
                                            episode,
                                            score(reference, episode)));
                }
            }
        }
        var faults = faults(episodes);
        if (rows.isEmpty() && !faults.isEmpty()) {
            throw new UserException("Cannot evaluate in " + environment.name() + ": no episode came to its end; "
                    + faults.get(0) + "; mend the environment");
        }
        var damaged = problems(warehouse, candidates, gaps);
        if (published.isPresent() && count(rows) == before) {
            return upToDate(published.get(), damaged, faults);
        }
        var all = rows.values().stream().flatMap(some -> some.values().stream()).toList();
        var version = publication.publish(request, EvaluationsTable.rows(all), new Findings(Map.of(), faults));
        var outOfBounds = played.stream().mapToLong(Played::outOfBounds).sum();
        return new StageResult(
                false,
                version + ": " + all.size() + " episodes of " + rows.size() + " checkpoints"
                        + (outOfBounds == 0 ? "" : "; " + outOfBounds + " " + Environment.OUT_OF_BOUNDS),
                Stream.concat(damaged.stream(), faults.stream()).toList());
    }

    private static StageResult upToDate(TableVersion published, List<String> damaged, List<String> faults) {
        return new StageResult(
                true,
                StageResult.upToDate(published).summary(),
                Stream.concat(damaged.stream(), faults.stream()).toList());
    }

    /** How many episodes a version has of each checkpoint, by its place. */
    private static Map<String, Long> counts(Warehouse warehouse, TableVersion published) {
        var counts = new HashMap<String, Long>();
        TableRows.forEach(
                warehouse,
                published,
                List.of("run_id", "step"),
                row -> counts.merge(CheckpointStore.location(row.getString(0), row.getLong(1)), 1L, Long::sum));
        return counts;
    }

    /** The episodes that a version has, by checkpoint and number. */
    private static Map<Candidate, Map<Integer, Row>> rows(
            Warehouse warehouse, TableVersion published, List<Candidate> candidates) {
        var byPlace = candidates.stream().collect(Collectors.toMap(Candidate::place, candidate -> candidate));
        var rows = new LinkedHashMap<Candidate, Map<Integer, Row>>();
        for (var row : TableRows.of(warehouse, published)) {
            var candidate = byPlace.get(CheckpointStore.location(row.getAs("run_id"), row.<Long>getAs("step")));
            if (candidate != null) {
                rows.computeIfAbsent(candidate, any -> new TreeMap<>()).put(row.<Integer>getAs("episode"), row);
            }
        }
        return rows;
    }

    private static int count(Map<Candidate, Map<Integer, Row>> rows) {
        return rows.values().stream().mapToInt(Map::size).sum();
    }

    /** A line for each checkpoint with episodes that have no return, and are left out. */
    private static List<String> faults(Map<Candidate, List<Rollout.Episode>> episodes) {
        var lines = new ArrayList<String>();
        episodes.forEach((candidate, played) -> Rollout.problem(played)
                .ifPresent(problem -> lines.add(EvaluationsTable.note(candidate.run(), candidate.step(), problem))));
        return lines;
    }

    /** The checkpoints that published runs are to have, whether or not they are there. */
    private static List<Candidate> candidates(
            String root, List<Kept> runs, CheckpointStore store, EvaluateConfig config) {
        var candidates = new ArrayList<Candidate>();
        for (var run : runs) {
            var steps = run.areNoted() ? run.steps() : store.steps(run.run(), run.steps());
            var judged = config.checkpoints() == Checkpoints.ALL || steps.isEmpty()
                    ? steps
                    : steps.subList(steps.size() - 1, steps.size());
            for (var i = 0; i < judged.size(); i++) {
                candidates.add(
                        new Candidate(root, run.run(), judged.get(i), i == judged.size() - 1 ? config.paths() : 0));
            }
        }
        return candidates;
    }

    private static Optional<Candidate> champion(StageContext context, RegistryConfig config) {
        var registry = new Registry(context.engine(), config);
        return registry.state()
                .champion()
                .map(version -> new Candidate(registry.root(), version.run(), version.step(), 0));
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
                            + warehouse.root() + ", which writes it again, and then evaluate";
                })
                .toList();
    }

    private static void requireFit(
            EnvironmentSpec environment, List<Candidate> candidates, SerializableConfiguration hadoop) {
        for (var candidate : candidates) {
            try {
                var learned = candidate.store(hadoop).spaces(candidate.run(), candidate.step());
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
