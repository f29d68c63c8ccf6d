package io.hindcast.stage.judge;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Spaces;
import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.EstimatorName;
import io.hindcast.judge.Judgement;
import io.hindcast.judge.LowerBoundName;
import io.hindcast.judge.Need;
import io.hindcast.judge.RatioFeatures;
import io.hindcast.judge.policy.FittedModel;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.LogShape;
import io.hindcast.promote.KeptPromise;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.report.Agreement;
import io.hindcast.report.Fitted;
import io.hindcast.report.JudgeJson;
import io.hindcast.report.JudgePage;
import io.hindcast.report.PromisesPage;
import io.hindcast.report.Ranking;
import io.hindcast.run.CheckpointStore;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.ReportFolder;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.stage.judge.JudgeConfig.Checkpoints;
import io.hindcast.table.EstimatesTable;
import io.hindcast.table.EvaluationsTable;
import io.hindcast.table.Input;
import io.hindcast.table.JudgedEpisodesTable;
import io.hindcast.table.Manifest;
import io.hindcast.table.PromisesTable;
import io.hindcast.table.Publication;
import io.hindcast.table.Registry;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.Snapshot;
import io.hindcast.table.StepReader;
import io.hindcast.table.SubsetsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.TransitionsTable;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges policies by the published transitions alone: two passes over them, all policies in both, one Spark task some files.
 */
public final class JudgeStage {
    private static final String PAGE = "judge.html";

    private final StageContext context;
    private final JudgeConfig config;
    private final Warehouse warehouse;
    private final TableVersion transitions;
    private final Optional<TableVersion> subsets;
    private final Optional<TableVersion> runs;
    private final Optional<TableVersion> evaluations;
    private final Spaces spaces;
    private final List<String> kept;
    private final Optional<Registry> registry;

    private JudgeStage(StageContext context, @Nullable RegistryConfig registry, JudgeConfig config) {
        this.context = context;
        this.registry = Optional.ofNullable(registry).map(named -> new Registry(context.engine(), named));
        this.config = config;
        warehouse = context.warehouse();
        var there = warehouse.snapshot();
        transitions = there.require(TableName.TRANSITIONS);
        if (!LoggedRewards.areIn(transitions)) {
            throw LoggedRewards.missing("judge policies", "there is nothing that they could earn");
        }
        subsets = config.isOfAll() ? there.find(TableName.SUBSETS) : Optional.of(subsetsWith(there));
        runs = there.find(TableName.RUNS);
        evaluations = there.find(TableName.EVALUATIONS);
        spaces = ActionSpaceConfig.spaces(warehouse, transitions);
        if (config.bounds().method() == LowerBoundName.CRESSIE_READ && !isOneStep()) {
            throw new UserException(
                    "Cannot use judge.lower-bound = cressie-read: it is for logs of single decisions, and"
                            + " episodes of " + transitions + " have several steps; use clipped-bernstein or"
                            + " confidence-sequence");
        }
        if (config.asksForRatios()) {
            requireFeatures();
        }
        kept = KeptColumns.of(transitions);
        config.by().forEach(column -> KeptColumns.require(column, kept, "judge.by", StepReader.GROUPING));
        if (config.audit() != null) {
            KeptColumns.require(config.audit(), kept, "judge.audit", StepReader.GROUPING);
            if (registry == null) {
                throw new UserException("Cannot use judge.audit = " + config.audit()
                        + ": no registry is named that could have promised anything; add registry { directory ="
                        + " DIRECTORY }");
            }
        }
    }

    /**
     * Publishes {@code estimates}, {@code judge/judge.json} and {@code judge/judge.html}.
     *
     * @return with a problem for each policy that must be usable and is not, and for each checkpoint that is damaged
     * @throws UserException if there are no transitions, a policy that is named is of no use, or a number in the log cannot be what
     *     it says
     */
    public static StageResult run(StageContext context, JudgeConfig config) {
        return run(context, null, config);
    }

    /** The same, where the champion of a registry is judged too, and all are compared with it. */
    public static StageResult run(StageContext context, @Nullable RegistryConfig registry, JudgeConfig config) {
        // With other settings it is another table, and nothing is refused.
        return Turn.of(context, "judge", "judge", Map.of(), () -> new JudgeStage(context, registry, config).run());
    }

    /** What the registry says; of a log that decided who acts, what it said before. */
    private Optional<Registry.State> state() {
        return registry.map(named -> {
            var state = named.state();
            return warehouse
                    .snapshot()
                    .find(TableName.ESTIMATES)
                    .map(TableVersion::manifest)
                    .filter(this::isOfThese)
                    .map(made -> state.before(made.requestKey()))
                    .orElse(state);
        });
    }

    /** Whether it was made of the same tables and settings, whoever was champion. */
    private boolean isOfThese(Manifest made) {
        var settings = new LinkedHashMap<>(made.configuration());
        settings.keySet().retainAll(config.decisive().keySet());
        var here = new Request("judge", config.decisive(), parents(), List.of());
        return here.key().equals(new Request("judge", settings, made.parents(), List.of()).key());
    }

    private void requireFeatures() {
        var features = features();
        if (!(spaces.actions() instanceof ActionSpace.Discrete)) {
            throw new UserException("Cannot judge by marginal-ratio: it is for discrete actions, and those of "
                    + transitions + " are vectors; use dm or wdr with judge.models");
        }
        if (features.size() > RatioFeatures.MOST) {
            throw new UserException(
                    "Cannot judge by marginal-ratio: " + features.actions() + " actions and observations of "
                            + features.entries() + (features.entries() == 1 ? " number give " : " numbers give ")
                            + features.size() + " features, and " + RatioFeatures.MOST
                            + " is the most; use dm or wdr with judge.models");
        }
    }

    private RatioFeatures features() {
        return new RatioFeatures(spaces.actions().size(), spaces.observationSize());
    }

    private TableVersion subsetsWith(Snapshot there) {
        var version = there.require(TableName.SUBSETS);
        var names = List.copyOf(SubsetsTable.transitions(warehouse, version).keySet());
        if (!names.contains(config.subset())) {
            throw Settings.unknown("subset", config.subset(), names, " in judge.subset");
        }
        return version;
    }

    private StageResult run() {
        var store = RunsTable.checkpoints(warehouse.root(), warehouse.hadoop());
        var policies = runs.map(version -> RunsTable.kept(RunsTable.ofPolicies(TableRows.of(warehouse, version))))
                .orElse(List.of());
        var others = new ArrayList<>(runs.map(version -> RunsTable.kept(TableRows.of(warehouse, version)))
                .orElse(List.of()));
        others.removeAll(policies);
        var state = state();
        var champion =
                state.flatMap(Registry.State::champion).map(version -> Champion.of(registry.orElseThrow(), version));
        var audit = config.audit() == null
                ? Optional.<Audit>empty()
                : state.map(now -> new Audit(now, config.confidence()));
        var found = new Candidates(config, store, warehouse.hadoop(), spaces, kept, policies, champion);
        requireKnown(found.found());
        var fits = fits(store, found.found());
        var models = new Models(
                config,
                store,
                config.folds(),
                fits.map(Fits::done).orElse(List.of()),
                others,
                policies,
                longestEpisode());
        models.leftOut().forEach(line -> context.progress().say("[judge] " + line));
        var candidates = models.tellOf(found.found());
        var problems = new ArrayList<>(found.problems());
        fits.ifPresent(fitted -> problems.addAll(fitted.problems()));
        var request = request(candidates, models, champion, audit);
        var folder = new ReportFolder(warehouse.root(), "judge", PAGE, warehouse.hadoop());
        var published = warehouse
                .snapshot()
                .find(TableName.ESTIMATES)
                .filter(version -> version.manifest().requestKey().equals(request.key()));
        var shown = shown(request);
        if (published.isPresent() && folder.holds(shown)) {
            return new StageResult(
                    true, StageResult.upToDate(published.get()).summary(), problems(problems, published.get()));
        }
        var passes = passes(candidates, models);
        var judgements = judge(candidates, models, passes);
        var fitted = new Fitted(
                candidates.stream()
                        .flatMap(candidate -> candidate.models().stream())
                        .toList(),
                models.clones(passes.likelihoods()));
        var ranking = Ranking.of(judgements, fitted.values());
        var version = published.isPresent()
                ? published.get()
                : publish(request, candidates, passes, judgements, ranking, audit.map(this::kept));
        var provenance = provenance(version, candidates, champion);
        var agreement = Agreement.of(ranking.told(), played());
        var pages = new LinkedHashMap<String, String>();
        pages.put(PAGE, JudgePage.html(judgements, ranking, agreement, fitted, config.confidence(), provenance));
        pages.put("judge.json", JudgeJson.json(judgements, ranking, agreement, fitted, provenance));
        warehouse.beside(version, TableName.PROMISES).ifPresent(promises -> {
            var kept = PromisesTable.promises(warehouse, promises);
            pages.put("promises.html", PromisesPage.html(kept));
            pages.put("promises.json", PromisesPage.json(kept));
        });
        folder.publish(shown, pages);
        ranking.lines().forEach(line -> context.progress().say("[judge] " + line));
        context.progress().say("[judge] " + folder.page());
        var usable = judgements.stream()
                .filter(Judgement::isUsable)
                .filter(judgement -> judgement.group() == null)
                .map(Judgement::policy)
                .distinct()
                .count();
        return new StageResult(
                false,
                version + ": " + candidates.size() + " policies, " + usable + " with a usable estimate",
                problems(problems, version));
    }

    private void requireKnown(List<Candidate> candidates) {
        var names = candidates.stream().map(Candidate::name).distinct().toList();
        for (var name : config.require()) {
            if (!names.contains(name)) {
                throw Settings.unknown("policy", name, names, " in judge.require");
            }
        }
    }

    private Request request(
            List<Candidate> candidates, Models models, Optional<Champion> champion, Optional<Audit> audit) {
        var configuration = config.decisive();
        // What a checkpoint holds is not said by its place.
        var checkpoints = new LinkedHashMap<String, Object>();
        for (var candidate : candidates) {
            var own = candidate.policy() instanceof JudgedPolicy.Trained trained
                    ? Stream.of(trained.checkpoint())
                    : Stream.<CheckpointRef>empty();
            var states = Stream.concat(own, candidate.policy().models().stream().map(FittedModel::checkpoint))
                    .map(CheckpointRef::state)
                    .toList();
            if (!states.isEmpty()) {
                checkpoints.put(candidate.name() + " " + candidate.step(), states);
            }
        }
        models.clones()
                .models()
                .forEach(clone -> checkpoints.put(
                        "clone " + clone.checkpoint().run(), clone.checkpoint().state()));
        configuration.put("checkpoint-states", checkpoints);
        registry.ifPresent(named -> configuration.put(
                Champion.NAME, champion.map(acting -> acting.version().sha256()).orElse("none")));
        audit.ifPresent(asked -> configuration.put("promises", asked.promises()));
        var exported = exported(candidates);
        if (!exported.isEmpty()) {
            configuration.put("onnx-files", exported);
        }
        return new Request("judge", configuration, parents(), List.of());
    }

    private List<Manifest.Parent> parents() {
        var parents = new ArrayList<Manifest.Parent>();
        parents.add(transitions.asParent());
        subsets.ifPresent(version -> parents.add(version.asParent()));
        runs.ifPresent(version -> parents.add(version.asParent()));
        return parents;
    }

    /** The SHA-256 of each ONNX file, by the policy's name. */
    private static Map<String, String> exported(List<Candidate> candidates) {
        var hashes = new LinkedHashMap<String, String>();
        for (var candidate : candidates) {
            if (candidate.policy() instanceof JudgedPolicy.Exported exported) {
                hashes.put(candidate.name(), exported.policy().sha256());
            }
        }
        return hashes;
    }

    /** The page also compares with what was played. */
    private Request shown(Request request) {
        var parents = new ArrayList<>(request.parents());
        evaluations.ifPresent(version -> parents.add(version.asParent()));
        return new Request(request.job(), request.configuration(), parents, request.inputs());
    }

    private Map<String, double[]> played() {
        return evaluations
                .map(version -> Agreement.played(EvaluationsTable.returns(warehouse, version)))
                .orElse(Map.of());
    }

    /** What champions earned, by all episodes of the log. */
    private List<KeptPromise> kept(Audit audit) {
        var column = Objects.requireNonNull(config.audit());
        return audit.kept(
                column,
                transitions.manifest().inputs().stream().map(Input::name).toList(),
                by -> new Passes(
                        context,
                        readers(
                                by,
                                List.of(),
                                RunSpec.ALL,
                                List.of(),
                                List.of(),
                                TransitionsTable.logged(warehouse, transitions)),
                        Audit.policies(),
                        Audit.clones(),
                        spaces,
                        config.discount(),
                        null));
    }

    private List<String> problems(List<String> found, TableVersion version) {
        var all = new ArrayList<String>();
        if (config.checks().require().contains(JudgeConfig.JudgeCheck.PROMISE_KEPT)) {
            warehouse.beside(version, TableName.PROMISES).stream()
                    .flatMap(promises -> PromisesTable.promises(warehouse, promises).stream())
                    .filter(promise -> promise.part() == null && !promise.isKept())
                    .forEach(promise -> all.add("check promise-kept failed: " + promise.broken()));
        }
        all.addAll(unusable(found, version));
        return all;
    }

    /** A run that must be usable must be so at last: that is the policy it stands for. */
    private List<String> unusable(List<String> found, TableVersion version) {
        if (config.require().isEmpty()) {
            return found;
        }
        var lacking = EstimatesTable.last(warehouse, version).stream()
                .filter(last -> config.require().contains(last.policy()) && !last.isUsable())
                .map(last -> "policy " + last.policy() + " has no usable estimate"
                        + (config.checkpoints() == Checkpoints.ALL && last.step() != null
                                ? " of its last checkpoint, after " + last.step() + " updates"
                                : "")
                        + "; " + warehouse.root() + "/judge/" + PAGE + " says why");
        return Stream.concat(lacking, found.stream()).toList();
    }

    private TableVersion publish(
            Request request,
            List<Candidate> candidates,
            Passes passes,
            List<Judgement> judgements,
            Ranking ranking,
            Optional<List<KeptPromise>> promises) {
        try (var publication = warehouse.begin(TableName.ESTIMATES)) {
            promises.ifPresent(kept -> publication.beside(TableName.PROMISES, request, PromisesTable.rows(kept)));
            if (config.episodes()) {
                publishEpisodes(publication, request, candidates, passes);
            }
            return publication.publish(request, EstimatesTable.rows(judgements, ranking.places()));
        }
    }

    private void publishEpisodes(Publication publication, Request request, List<Candidate> candidates, Passes passes) {
        try (var episodes = new JudgedEpisodesTable(publication)) {
            var policies = candidates.stream()
                    .map(candidate ->
                            new JudgedEpisodesTable.Policy(candidate.name(), candidate.run(), candidate.step()))
                    .toList();
            episodes.publish(passes.episodes(episodes.aside(policies), config.by()), request, policies.size());
        }
    }

    /** Trains what estimates lean on, if anything is to be trained. */
    private Optional<Fits> fits(CheckpointStore store, List<Candidate> candidates) {
        var folds = config.folds();
        if (folds.isEmpty()) {
            return Optional.empty();
        }
        var logged = TransitionsTable.logged(warehouse, transitions);
        var shape = shape(logged);
        var log = new Fits.Log(transitions, subsets, spaces, logged);
        return Optional.of(new Fits(context, config, log, store, folds, shape, candidates));
    }

    private LogShape shape(Set<Field> logged) {
        return Passes.shape(
                context, readers(List.of(), List.of(), logged), config.folds().size(), spaces.observationSize());
    }

    private long longestEpisode() {
        var longest = new long[1];
        TableRows.forEach(
                warehouse,
                warehouse.snapshot().require(TableName.EPISODES),
                List.of("length"),
                row -> longest[0] = Math.max(longest[0], row.getLong(0)));
        return longest[0];
    }

    private List<Judgement> judge(List<Candidate> candidates, Models models, Passes passes) {
        var hasModel =
                candidates.stream().anyMatch(candidate -> !candidate.models().isEmpty());
        var names = config.estimators().isEmpty() ? EstimatorName.fitting(isOneStep(), hasModel) : config.estimators();
        var all = new Judgements(
                config,
                names,
                candidates,
                models.probabilities(),
                config.asksForRatios() ? features() : null,
                reference(candidates));
        if (!hasModel) {
            requireNoModel(all);
        }
        context.progress()
                .say("[judge] " + candidates.size() + " policies by "
                        + (config.isOfAll() ? transitions.toString() : "subset " + config.subset()) + ", "
                        + String.join(
                                ", ", names.stream().map(EstimatorName::word).toList()));
        var values = passes.values(all.estimators(), config.bounds());
        var bootstrap = new Bootstrap(config.seed(), config.replicates());
        return all.judgements(values, passes.errors(values, bootstrap, all.reference()));
    }

    /** The place of the champion; of what logged where there is none. */
    private int reference(List<Candidate> candidates) {
        var names = candidates.stream().map(Candidate::name).toList();
        var champion = registry.isEmpty() ? -1 : names.indexOf(Champion.NAME);
        return champion >= 0
                ? champion
                : IntStream.range(0, candidates.size())
                        .filter(p -> candidates.get(p).policy() instanceof JudgedPolicy.Behaviour)
                        .findFirst()
                        .orElseThrow();
    }

    private Passes passes(List<Candidate> candidates, Models models) {
        var logged = TransitionsTable.logged(warehouse, transitions);
        var columns = candidates.stream()
                .map(Candidate::policy)
                .filter(JudgedPolicy.Logged.class::isInstance)
                .map(policy -> ((JudgedPolicy.Logged) policy).column())
                .distinct()
                .toList();
        return new Passes(
                context,
                readers(columns, models.told(), logged),
                candidates.stream().map(Candidate::policy).toList(),
                models.clones(),
                spaces,
                config.discount(),
                config.asksForRatios() ? shape(logged).scaler() : null);
    }

    private void requireNoModel(Judgements judgements) {
        if (config.models() == null) {
            judgements.estimators().stream()
                    .filter(estimator -> estimator.needs().contains(Need.MODEL))
                    .findFirst()
                    .ifPresent(estimator -> {
                        throw new UserException("Cannot judge by " + estimator.name()
                                + ": it needs models of the values of policies, and there are none; add judge.models { },"
                                + " and the job trains them");
                    });
        }
    }

    private List<StepReader> readers(List<String> columns, List<String> told, Set<Field> logged) {
        return readers(
                config.by(), subsets.map(warehouse::files).orElse(List.of()), config.subset(), columns, told, logged);
    }

    private List<StepReader> readers(
            List<String> by,
            List<String> subsetFiles,
            String subset,
            List<String> columns,
            List<String> told,
            Set<Field> logged) {
        // A task some files, or of a few large files one a part.
        var dealt = FanOut.dealt(context, warehouse.files(transitions));
        return StepReader.Share.all(FanOut.tasks(context) / Math.max(1, dealt.size())).stream()
                .flatMap(share -> dealt.stream()
                        .map(files -> new StepReader(
                                files,
                                share,
                                subsetFiles,
                                subset,
                                spaces,
                                logged,
                                config.durations(),
                                by,
                                columns,
                                told,
                                config.folds())))
                .toList();
    }

    /** An episode of one step is a decision by itself: other estimators fit. */
    private boolean isOneStep() {
        return Objects.equals(
                transitions.manifest().episodes(), transitions.manifest().rows());
    }

    private Map<String, String> provenance(
            TableVersion estimates, List<Candidate> candidates, Optional<Champion> champion) {
        var facts = new LinkedHashMap<String, String>();
        facts.put(
                "transitions",
                transitions + ", fingerprint " + transitions.manifest().fingerprint());
        facts.put("subset", config.subset());
        champion.ifPresent(acting -> facts.put(
                Champion.NAME,
                acting.version() + " of registry " + registry.orElseThrow().name() + ", SHA-256 "
                        + acting.version().sha256()));
        runs.ifPresent(version -> facts.put(
                "runs", version + ", fingerprint " + version.manifest().fingerprint()));
        facts.put(
                "estimates", estimates + ", fingerprint " + estimates.manifest().fingerprint());
        exported(candidates).forEach((name, hash) -> facts.put("ONNX file of " + name, "SHA-256 " + hash));
        facts.put("discount", Double.toString(config.discount()));
        facts.put("confidence", Double.toString(config.confidence()));
        facts.put("replicates", Integer.toString(config.replicates()));
        facts.put("seed", Long.toString(config.seed()));
        facts.put("hindcast", Version.TEXT);
        return facts;
    }
}
