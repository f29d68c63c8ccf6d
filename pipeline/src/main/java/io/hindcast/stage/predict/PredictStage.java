package io.hindcast.stage.predict;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Secrets;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.Spaces;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.run.CheckpointStore;
import io.hindcast.source.ColumnMapping;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.FanOut;
import io.hindcast.stage.FrameSchema;
import io.hindcast.stage.NamedPolicy;
import io.hindcast.stage.ReadFailure;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.stage.predict.PredictConfig.StateColumns;
import io.hindcast.table.PassedTable;
import io.hindcast.table.Registry;
import io.hindcast.table.Request;
import io.hindcast.table.RunsTable;
import io.hindcast.table.Snapshot;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.timeline.Reason;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Lets a policy decide in every row of a table, in one pass: tasks write the rows with what it decides, and those in which it cannot
 * decide aside, and both are published if there are not too many of these.
 */
public final class PredictStage {
    private final StageContext context;
    private final PredictConfig config;
    private final Warehouse warehouse;
    private final Snapshot there;
    private final Optional<TableVersion> transitions;
    private final Optional<Registry> registry;

    private PredictStage(StageContext context, @Nullable RegistryConfig registry, PredictConfig config) {
        this.context = context;
        this.registry = Optional.ofNullable(registry).map(named -> new Registry(context.engine(), named));
        this.config = config;
        warehouse = context.warehouse();
        there = warehouse.snapshot();
        transitions = there.find(TableName.TRANSITIONS);
    }

    /**
     * Publishes {@code predictions} and {@code prediction_quarantine}.
     *
     * @throws UserException if the policy or the table is of no use, or too many rows are
     */
    public static StageResult run(StageContext context, PredictConfig config) {
        return run(context, null, config);
    }

    /** The same, where the champion of a registry may be the policy. */
    public static StageResult run(StageContext context, @Nullable RegistryConfig registry, PredictConfig config) {
        // With other settings it is another version, and nothing is refused.
        return Turn.of(
                context,
                TableName.PREDICTIONS.directory(),
                "predict",
                Map.of(),
                () -> ReadFailure.inOneLine("predict", () -> new PredictStage(context, registry, config).run()));
    }

    private StageResult run() {
        var policy = policy();
        var input = InputFrame.of(context, config);
        var layout = layout(input, policy.spaces());
        var answers = Answers.of(policy, layout.isLogged(), config.names(), config.seed());
        InputFrame.requireFree(input.name(), input.columns(), answers.schema());
        InputFrame.requireFree(input.name(), input.columns(), FaultyRows.schema(config.names()));
        var request = request(input, layout, policy);
        var published = there.find(TableName.PREDICTIONS)
                .filter(version -> version.manifest().requestKey().equals(request.key()));
        if (published.isPresent()) {
            return StageResult.upToDate(published.get());
        }
        return write(request, input, layout, answers);
    }

    private StageResult write(Request request, InputFrame input, StateLayout layout, Answers answers) {
        var passed = new StructType(input.fields());
        try (var publication = warehouse.begin(TableName.PREDICTIONS);
                var decided = new PassedTable(warehouse, TableName.PREDICTIONS, passed, answers.schema());
                var faulty = new PassedTable(
                        warehouse, TableName.PREDICTION_QUARANTINE, passed, FaultyRows.schema(config.names()))) {
            var parts = new PassedRows(input, layout, config.key())
                    .written(
                            answers,
                            config.rule(),
                            decided.aside(),
                            faulty.aside(),
                            FaultyRows.columns(config.names()),
                            new SerializableConfiguration(warehouse.hadoop()));
            var written = FanOut.watched(context, "[predict] parts", parts.getNumPartitions(), parts::collect);
            var tally = written.stream().map(PredictedPart::tally).reduce(new RowTally(), RowTally::merge);
            check(tally, layout);
            if (tally.quarantined() > 0) {
                context.progress().say("[predict] quarantined rows by reason: " + tally.inWords());
            }
            publication.beside(faulty.draft(files(written, PredictedPart::faulty)), request, null);
            var version = publication.publish(decided.draft(files(written, PredictedPart::decided)), request, null);
            return new StageResult(
                    false,
                    version + ": " + version.manifest().rows() + " rows of " + input.name() + " by "
                            + answers.policy().name() + "; quarantined " + tally.quarantined() + " of " + tally.rows(),
                    List.of());
        }
    }

    private static List<PartFile> files(List<PredictedPart> written, Function<PredictedPart, List<PartFile>> which) {
        return written.stream().flatMap(part -> which.apply(part).stream()).toList();
    }

    private PredictedPolicy policy() {
        var hadoop = new SerializableConfiguration(warehouse.hadoop());
        if (config.onnx() != null) {
            return exported(config.onnx(), hadoop);
        }
        if (config.champion()) {
            return champion(hadoop);
        }
        return PredictedPolicy.of(
                        store(),
                        run(Objects.requireNonNull(config.run())),
                        config.step(),
                        "predict",
                        warehouse.root(),
                        hadoop)
                .called(config.policy(), config.policyVersion());
    }

    private CheckpointStore store() {
        return RunsTable.checkpoints(warehouse.root(), warehouse.hadoop());
    }

    /** As the registry calls it, so that the next log says which of its versions acted. */
    private PredictedPolicy champion(SerializableConfiguration hadoop) {
        var named = registry.orElseThrow(
                () -> new UserException(
                        "Cannot predict by the champion: no registry is named;"
                                + " add registry { directory = DIRECTORY } to the conf file or give --set registry.directory=DIRECTORY"));
        var champion = named.state()
                .champion()
                .orElseThrow(() -> new UserException("Cannot predict by the champion: registry " + named.name() + " in "
                        + named.location() + " has none yet; run promote first, or name a run (predict.run)"));
        var policy =
                PredictedPolicy.of(store(), named.run(champion), champion.step(), "predict", warehouse.root(), hadoop);
        if (!policy.sha256().equals(champion.sha256())) {
            throw new UserException("Cannot predict by the champion, " + champion + ": its checkpoint in "
                    + named.location() + " is another one than was promoted; put that back from a copy");
        }
        return policy.called(named.name(), Integer.toString(champion.number()))
                .called(config.policy(), config.policyVersion());
    }

    /** The id of a run that is named as NAME-SEED, as policies are in other tables; else what was given. */
    private String run(String given) {
        return there.find(TableName.RUNS).stream()
                .flatMap(version -> RunsTable.kept(RunsTable.ofPolicies(TableRows.of(warehouse, version))).stream())
                .filter(run -> given.equals(run.name() + "-" + run.seed()))
                .map(RunsTable.Kept::run)
                .findFirst()
                .orElse(given);
    }

    private PredictedPolicy exported(String file, SerializableConfiguration hadoop) {
        if (transitions.isEmpty()) {
            throw new UserException("Cannot use predict.onnx = " + Secrets.hideUser(file)
                    + ": there are no transitions in "
                    + warehouse.root() + ", which say what the policy sees and does; predict with the --out that it was"
                    + " trained in, or name its run (predict.run)");
        }
        var spaces = ActionSpaceConfig.spaces(warehouse, transitions.get());
        var policy = NamedPolicy.exported(file, spaces, warehouse.hadoop(), "predict");
        return new PredictedPolicy(
                config.policy() != null
                        ? config.policy()
                        : policy.property("run").orElse(new Path(file).getName()),
                config.policyVersion() != null
                        ? config.policyVersion()
                        : policy.property("step").orElse(null),
                policy.sha256(),
                spaces,
                null,
                policy,
                false,
                warehouse.root(),
                hadoop);
    }

    /** Which columns hold what, and where they stand. */
    private StateLayout layout(InputFrame input, Spaces spaces) {
        var columns = config.columns() != null ? config.columns() : columnsOfLog(input.columns());
        var mapped = StateLayout.mapped(columns);
        var found = FrameSchema.mapped(input.frame().schema(), mapped, input.name());
        var layout = new StateLayout(
                input.name(), columns, known(columns), mapped, found, StateLayout.inOrder(found.size()), spaces);
        layout.requireNumbers();
        return layout;
    }

    /** Those that the transitions were ingested from; what was done need not be there. */
    private StateColumns columnsOfLog(List<String> names) {
        var mapping = transitions
                .filter(version -> version.manifest().configuration().get("columns") instanceof Map<?, ?>)
                .map(version -> Settings.read(
                        ColumnMapping.class,
                        ConfigFactory.parseMap(version.manifest().configuration())
                                .getConfig("columns"),
                        "columns"))
                .orElseThrow(() -> new UserException("Cannot predict: the transitions in " + warehouse.root()
                        + transitions
                                .map(version -> " do not say which columns they came from")
                                .orElse(" are not there")
                        + "; give predict.columns { observation = [...] }, as the policy learned from"));
        var done = Stream.concat(mapping.action().stream(), Stream.ofNullable(mapping.actionIndex()))
                .toList();
        var isDone = ColumnMapping.expand(done).stream()
                .allMatch(column ->
                        ColumnMapping.held(ColumnMapping.bare(column), names).isPresent());
        return new StateColumns(
                mapping.observation(),
                mapping.actionMask(),
                isDone ? mapping.action() : List.of(),
                isDone ? mapping.actionIndex() : null,
                mapping.missingKey());
    }

    /** The names in the columns that are categories or maps, in the order that the policy learned from. */
    private Map<String, List<String>> known(StateColumns columns) {
        return columns.known(
                transitions
                        .<Object>map(
                                version -> version.manifest().configuration().get("categories"))
                        .orElse(Map.of()),
                warehouse.root());
    }

    private Request request(InputFrame input, StateLayout layout, PredictedPolicy policy) {
        var configuration = config.decisive();
        configuration.put("columns", Settings.toMap(layout.columns()));
        if (!layout.known().isEmpty()) {
            configuration.put("categories", layout.known());
        }
        configuration.put("policy", policy.name());
        configuration.put("policy-version", String.valueOf(policy.version()));
        configuration.put("policy-sha256", policy.sha256());
        return new Request("predict", configuration, List.of(), input.known());
    }

    private void check(RowTally tally, StateLayout layout) {
        if (tally.rows() == 0) {
            throw new UserException("Cannot predict for " + layout.source() + ": it holds no rows; check input");
        }
        if (tally.of(Reason.WRONG_DIMENSION) == tally.rows()) {
            throw new UserException(
                    "Cannot predict for " + layout.source() + ": the policy learned from observations of "
                            + layout.spaces().observationSize() + " numbers and the actions "
                            + layout.spaces().actions() + ", and in all rows " + tally.worst()
                            + "; map the columns that it learned from (predict.columns)");
        }
        var fraction = (double) tally.quarantined() / tally.rows();
        if (fraction > config.maxQuarantineFraction() || tally.quarantined() == tally.rows()) {
            throw new UserException("Cannot predict for " + layout.source() + ": " + tally.quarantined() + " of "
                    + tally.rows() + " rows are of no use, above max-quarantine-fraction = "
                    + config.maxQuarantineFraction() + " (" + tally.worst()
                    + "); mend the table or the mapping of columns, or allow more");
        }
    }
}
