package io.hindcast.stage.stats;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.data.Findings;
import io.hindcast.report.ScorecardPage;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.LoggedRewards;
import io.hindcast.stage.ReportFolder;
import io.hindcast.stage.RequiredChecks;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.TrackedPages;
import io.hindcast.stage.Trajectories;
import io.hindcast.stage.Turn;
import io.hindcast.stats.DatasetStats;
import io.hindcast.stats.Drift;
import io.hindcast.stats.Scorecard;
import io.hindcast.table.DatasetStatsTable;
import io.hindcast.table.Manifest;
import io.hindcast.table.Request;
import io.hindcast.table.Snapshot;
import io.hindcast.table.StatsReader;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Describes the published transitions: the state of their statistics, the table of them, and a page for people. Of an appended
 * version only the new files are read, where the version before was described.
 */
public final class StatsStage {
    private static final String PAGE = "scorecard.html";
    private static final String BASE = "../";

    private final StageContext context;
    private final StatsConfig config;
    private final Warehouse warehouse;
    private final Snapshot there;
    private final TableVersion transitions;
    private final DatasetStats.Rules rules;

    /** The state of the new files alone, once they were read. */
    private @Nullable DatasetStats fresh;

    private StatsStage(StageContext context, StatsConfig config) {
        this.context = context;
        this.config = config;
        this.warehouse = context.warehouse();
        this.there = warehouse.snapshot();
        this.transitions = there.require(TableName.TRANSITIONS);
        this.rules =
                config.rules(ActionSpaceConfig.ofManifest(transitions.manifest().configuration()));
    }

    /**
     * Publishes {@code dataset_state}, {@code dataset_stats} and {@code stats/scorecard.html}, and says what is in the dataset.
     *
     * @return with a problem for each required check that fails
     * @throws UserException if there are no transitions, or nothing to compare them with
     */
    public static StageResult run(StageContext context, StatsConfig config) {
        // With other settings it is another table, and nothing is refused.
        return Turn.of(context, "stats", "stats", Map.of(), () -> new StatsStage(context, config).run());
    }

    /** The same, and shows the scorecard in MLflow where a server is named, also one that was there already. */
    public static StageResult run(StageContext context, MlflowConfig mlflow, StatsConfig config) {
        var result = run(context, config);
        TrackedPages.show(context, mlflow, "stats", RequiredChecks.FOLDER, PAGE);
        return result;
    }

    private StageResult run() {
        var base = base();
        var reference = reference(base);
        var parents = new ArrayList<>(List.of(transitions.asParent()));
        reference.ifPresent(version -> parents.add(version.asParent()));
        var request = new Request("stats", Settings.toMap(config), parents, List.of());
        var folder = new ReportFolder(warehouse.root(), RequiredChecks.FOLDER, PAGE, warehouse.hadoop());
        var made = warehouse.madeBy(TableName.DATASET_STATE, stateRequest(transitions.asParent()));
        var state = made.filter(this::hasTheseRules);
        var published = there.find(TableName.DATASET_STATS)
                .filter(version -> version.manifest().requestKey().equals(request.key()))
                .filter(version -> made.isEmpty() || state.isPresent());
        var isUpToDate = state.isPresent() && published.isPresent() && folder.holds(request);

        var stats = state.map(version -> DatasetStatsTable.state(warehouse, version))
                .orElseGet(() -> describe(base));
        if (made.isEmpty()) {
            publishState(stats);
        }
        var trajectories = parts().map(episodes -> Trajectories.count(transitions, episodes))
                .orElse(null);
        var scorecard = new Scorecard(stats, drift(reference, stats), config.checks(), trajectories);
        var problems = scorecard.failures().stream()
                .map(failure -> "check " + failure.check() + " failed: " + failure.text())
                .toList();
        if (isUpToDate) {
            return new StageResult(
                    true, StageResult.upToDate(published.orElseThrow()).summary(), problems);
        }
        var version = published.isPresent()
                ? published.get()
                : warehouse.publish(TableName.DATASET_STATS, request, DatasetStatsTable.rows(scorecard));
        var findings = Objects.requireNonNullElse(transitions.manifest().findings(), Findings.NONE);
        folder.publish(
                request,
                Map.of(
                        PAGE,
                        ScorecardPage.html(title(), scorecard, findings, provenance(version)),
                        RequiredChecks.FILE,
                        RequiredChecks.of(transitions, config.checks(), scorecard)
                                .json()));
        if (made.isPresent() && state.isEmpty()) {
            // Last: while a stale one stands, the table and the page are stale too.
            publishState(stats);
        }
        ScorecardPage.inWords(scorecard, findings)
                .forEach(line -> context.progress().say("[stats] " + line));
        context.progress().say("[stats] " + folder.page());
        return new StageResult(
                false,
                version + ": " + stats.transitions() + " transitions, " + stats.episodes() + " episodes, "
                        + scorecard.warnings().size() + " warnings",
                problems);
    }

    /** The episodes, if some are later parts of a logged trajectory. */
    private Optional<Dataset<Row>> parts() {
        return Trajectories.haveParts(transitions)
                ? there.find(TableName.EPISODES).map(warehouse::read)
                : Optional.empty();
    }

    private void publishState(DatasetStats stats) {
        warehouse.publish(TableName.DATASET_STATE, stateRequest(transitions.asParent()), DatasetStatsTable.rows(stats));
    }

    /** The bounds of actions are no part of the rows whose fingerprint a request names. */
    private boolean hasTheseRules(TableVersion state) {
        return DatasetStatsTable.state(warehouse, state).rules().equals(rules);
    }

    private Request stateRequest(Manifest.Parent parent) {
        var configuration = new LinkedHashMap<String, Object>();
        configuration.put("discount", rules.discount());
        configuration.put("coverage", Settings.toMap(config.coverage()));
        return new Request("stats", configuration, List.of(parent), List.of());
    }

    /** The version that the transitions were appended to. */
    private Optional<Manifest.Parent> base() {
        return transitions.manifest().parents().stream()
                .filter(parent -> parent.table().equals(TableName.TRANSITIONS.directory()))
                .findFirst();
    }

    private Optional<TableVersion> baseState(Optional<Manifest.Parent> base) {
        return base.flatMap(parent -> warehouse.madeBy(TableName.DATASET_STATE, stateRequest(parent)))
                .filter(this::hasTheseRules);
    }

    private List<String> files(Origin origin) {
        return warehouse.files(transitions, file -> isOf(origin, file));
    }

    private long count(Origin origin) {
        return transitions.manifest().files().stream()
                .filter(file -> isOf(origin, file))
                .count();
    }

    private static boolean isOf(Origin origin, Manifest.DataFile file) {
        return file.name().startsWith(BASE) == (origin == Origin.BASE);
    }

    private enum Origin {
        BASE,
        NEW
    }

    private DatasetStats describe(Optional<Manifest.Parent> base) {
        var before = baseState(base);
        if (before.isEmpty()) {
            var files = new ArrayList<>(files(Origin.BASE));
            files.addAll(files(Origin.NEW));
            return read(files);
        }
        context.progress()
                .say("[stats] " + count(Origin.BASE) + " files are described by " + before.get() + ", "
                        + count(Origin.NEW) + " are new");
        return DatasetStatsTable.state(warehouse, before.get()).merge(fresh());
    }

    private DatasetStats fresh() {
        var stats = fresh == null ? read(files(Origin.NEW)) : fresh;
        fresh = stats;
        return stats;
    }

    /** The state does not depend on how the files are dealt out, so cores may decide. */
    private DatasetStats read(List<String> files) {
        var stats = new DatasetStats(rules);
        if (files.isEmpty()) {
            return stats;
        }
        var readers = new ArrayList<StatsReader>();
        var trajectories = parts().map(Trajectories::ofParts).orElse(Map.of());
        var rewards = LoggedRewards.areIn(transitions) ? StatsReader.Rewards.LOGGED : StatsReader.Rewards.NONE;
        for (var some : FanOut.dealt(context, files)) {
            readers.add(new StatsReader(some, rewards));
        }
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
        var rules = this.rules; // not this stage
        FanOut.read(
                        context,
                        "[stats] parts",
                        readers,
                        reader ->
                                reader.read(hadoop.value(), rules, trajectories).bytes())
                .forEach(bytes -> stats.merge(DatasetStats.of(bytes)));
        return stats;
    }

    /** What the transitions are compared with: a version of {@code dataset_state}. */
    private Optional<TableVersion> reference(Optional<Manifest.Parent> base) {
        var against = config.driftAgainst();
        if (against == null) {
            return Optional.empty();
        }
        if (against.equals(StatsConfig.PARENT)) {
            if (base.isEmpty()) {
                // The first of a dataset that grows by appending.
                context.progress()
                        .say("[stats] " + transitions + " was not appended to another version: no drift to report");
                return Optional.empty();
            }
            return Optional.of(baseState(base).orElseGet(() -> describeBase(base.get())));
        }
        var other = new Warehouse(context.engine(), against.reveal());
        var published = other.snapshot();
        var theirs = published.require(TableName.TRANSITIONS);
        return Optional.of(published
                .find(TableName.DATASET_STATE)
                .orElseThrow(() -> new UserException("Cannot compare with drift-against = " + against + ": " + theirs
                        + " there is not described; run ./hindcast stats --out " + against + " first")));
    }

    private TableVersion describeBase(Manifest.Parent base) {
        return warehouse.publish(
                TableName.DATASET_STATE, stateRequest(base), DatasetStatsTable.rows(read(files(Origin.BASE))));
    }

    private @Nullable Drift drift(Optional<TableVersion> reference, DatasetStats stats) {
        if (reference.isEmpty()) {
            return null;
        }
        var against = Objects.requireNonNull(config.driftAgainst());
        if (against.equals(StatsConfig.PARENT)) {
            return Drift.between(
                    "the version before (" + base().orElseThrow().table() + " v"
                            + base().orElseThrow().version() + ")",
                    DatasetStatsTable.state(warehouse, reference.get()),
                    "what was appended",
                    fresh());
        }
        var other = new Warehouse(context.engine(), against.reveal());
        return Drift.between(
                against.toString(), DatasetStatsTable.state(other, reference.get()), "this dataset", stats);
    }

    private String title() {
        var name = transitions.manifest().configuration().get("dataset");
        var environment = transitions.manifest().configuration().get("environment");
        return name instanceof String text ? text : environment instanceof String text ? text : "Dataset";
    }

    private Map<String, String> provenance(TableVersion version) {
        var facts = new LinkedHashMap<String, String>();
        facts.put(
                "transitions",
                transitions + ", fingerprint " + transitions.manifest().fingerprint());
        base().ifPresent(parent -> facts.put(
                "appended to", parent.table() + " v" + parent.version() + ", fingerprint " + parent.fingerprint()));
        facts.put("statistics", version + ", made " + version.manifest().created());
        facts.put("hindcast", Version.TEXT);
        return facts;
    }
}
