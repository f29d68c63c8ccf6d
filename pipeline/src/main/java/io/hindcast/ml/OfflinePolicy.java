package io.hindcast.ml;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.ActionSpaceConfig;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.predict.FramePolicy;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.track.MlflowConfig;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * Learns a policy from a frame of logged decisions, as the jobs {@code ingest}, {@code curate} and {@code train} do, into a folder of its
 * own below {@code out}: what they check is checked, and what they write is there to be judged and reported on. Rows may be in any
 * order; a row is an episode of its own unless {@code episodeCol} says otherwise.
 */
public final class OfflinePolicy extends Estimator<OfflinePolicyModel> implements DefaultParamsWritable {
    private static final String BEST = "best";

    private final String uid;
    private final DecisionParams decisions;
    private final LogParams log;
    private final Param<String> actionSpace;
    private final Param<String> learner;
    private final Param<String> preset;
    private final Param<String> settings;
    private final Param<String> ingest;
    private final LongParam updates;
    private final LongParam batchSize;
    private final LongParam seed;
    private final DoubleParam subsetPercent;
    private final Param<String> out;

    /** With a name of its own. */
    public OfflinePolicy() {
        this(Identifiable$.MODULE$.randomUID("offlinePolicy"));
    }

    /** With a name. */
    public OfflinePolicy(String uid) {
        this.uid = uid;
        log = new LogParams(this);
        decisions = new DecisionParams(this);
        actionSpace = new Param<>(
                this,
                "actionSpace",
                "the actions, as JSON: {\"type\": \"discrete\", \"count\": 3}; see ingest.action-space");
        learner = new Param<>(this, "learner", "which algorithm, as train.runs.NAME.learner");
        preset = new Param<>(this, "preset", "published settings, as train.runs.NAME.preset");
        settings = new Param<>(this, "settings", "the learner's settings as JSON, as train.runs.NAME.settings");
        ingest = new Param<>(this, "ingest", "further keys of the section ingest as JSON, such as final-row");
        updates = new LongParam(this, "updates", "gradient updates; none: as in the preset, or as train.updates");
        batchSize =
                new LongParam(this, "batchSize", "transitions in a batch; none: as in the preset or train.batch-size");
        seed = new LongParam(this, "seed", "seed of the run");
        subsetPercent = new DoubleParam(
                this, "subsetPercent", "learn from this percentage of the episodes, those with the highest returns");
        out = new Param<>(
                this, "out", "a folder that all executors reach; each fit writes into one of its own below it");
        setDefault(settings, "{}");
        setDefault(ingest, "{}");
        setDefault(seed, 1L);
        setDefault(subsetPercent, 100.0);
    }

    @Override
    public String uid() {
        return uid;
    }

    /**
     * Learns.
     *
     * @throws UserException if a param is wrong, the frame is of no use, or the run did not finish
     */
    @Override
    public OfflinePolicyModel fit(Dataset<?> dataset) {
        if (!isDefined(out)) {
            throw new UserException(
                    "Cannot fit without a place for checkpoints: set out, a folder that all executors reach");
        }
        var name = Identifiable$.MODULE$.randomUID("offlinePolicyModel");
        var frame = dataset.toDF();
        var vectors = VectorColumns.of(frame.schema());
        return LoggedFrame.ingested(
                vectors.with(frame), name, getOrDefault(out), ingest(vectors), context -> learned(name, context));
    }

    private OfflinePolicyModel learned(String name, StageContext context) {
        var warehouse = context.warehouse();
        var percent = (double) getOrDefault((Param<Object>) subsetPercent);
        if (percent != 100) {
            var best = Map.of("subsets", Map.of(BEST, Map.of("top-percent", percent)));
            CurateStage.run(context, Settings.read(CurateConfig.class, ConfigFactory.parseMap(best), "curate"));
        }
        TrainStage.run(
                context,
                null,
                Settings.defaults(MlflowConfig.class),
                Settings.read(TrainConfig.class, train(percent == 100 ? RunSpec.ALL : BEST), "train"));
        var there = warehouse.snapshot();
        var runs = TableRows.of(warehouse, there.require(TableName.RUNS));
        var problems = RunsTable.problemsOf(runs);
        if (!problems.isEmpty()) {
            throw new UserException("Cannot fit: " + problems.get(0));
        }
        var model = new OfflinePolicyModel(name)
                .with(categories(there.require(TableName.TRANSITIONS).manifest().configuration()));
        model.setRun(warehouse.root() + "/checkpoints/" + RunsTable.ids(runs).get(0));
        model.setParent(this);
        return copyValues(model, new ParamMap());
    }

    @SuppressWarnings("unchecked") // as ingest writes it
    private static Map<String, List<String>> categories(Map<String, Object> configuration) {
        return (Map<String, List<String>>) configuration.getOrDefault("categories", Map.of());
    }

    private Config ingest(VectorColumns vectors) {
        var columns = new HashMap<String, Object>();
        columns.put("observation", vectors.names(required(decisions.observationCols, "observationCols")));
        columns.put("action", vectors.names(getOrDefault(decisions.actionCols)));
        columns.put("action-mask", vectors.names(getOrDefault(decisions.actionMaskCols)));
        LogParams.put(this, columns, "action-index", decisions.actionIndexCol);
        var section = log.section(
                columns,
                LoggedFrame.json(required(actionSpace, "actionSpace"), "actionSpace")
                        .root());
        return LoggedFrame.json(getOrDefault(ingest), "ingest").withFallback(ConfigFactory.parseMap(section));
    }

    private Config train(String subset) {
        var run = new LinkedHashMap<String, Object>();
        LogParams.put(this, run, "learner", learner);
        LogParams.put(this, run, "preset", preset);
        run.put("subset", subset);
        LogParams.put(this, run, "updates", updates);
        LogParams.put(this, run, "batch-size", batchSize);
        run.put("settings", LoggedFrame.json(getOrDefault(settings), "settings").root());
        return ConfigFactory.parseMap(Map.of("seeds", List.of(getOrDefault(seed)), "runs", Map.of("policy", run)));
    }

    private <T> T required(Param<T> param, String name) {
        if (!isDefined(param)) {
            throw new UserException("Cannot fit without " + name + ": set it");
        }
        return getOrDefault(param);
    }

    /** What its models add, but for what only some learners tell ({@code q}, {@code v}). */
    @Override
    public StructType transformSchema(StructType schema) {
        var given = LoggedFrame.json(required(actionSpace, "actionSpace"), "actionSpace");
        // Bounds, which the data may say, change no column.
        var actions =
                Settings.read(ActionSpaceConfig.class, given.withoutPath("low").withoutPath("high"), "actionSpace");
        return FramePolicy.schema(
                schema, actions.actionSpace(), decisions.how(VectorColumns.of(schema), decisions.isLogged(), Map.of()));
    }

    @Override
    public OfflinePolicy copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /** Reads an estimator that was saved. */
    public static MLReader<OfflinePolicy> read() {
        return new DefaultParamsReader<>();
    }

    /** The estimator in a folder. */
    public static OfflinePolicy load(String path) {
        return read().load(path);
    }

    public Param<String> rewardCol() {
        return log.rewardCol;
    }

    public OfflinePolicy setRewardCol(String value) {
        return (OfflinePolicy) set(log.rewardCol, value);
    }

    public Param<String> propensityCol() {
        return log.propensityCol;
    }

    public OfflinePolicy setPropensityCol(String value) {
        return (OfflinePolicy) set(log.propensityCol, value);
    }

    public Param<String> terminatedCol() {
        return log.terminatedCol;
    }

    public OfflinePolicy setTerminatedCol(String value) {
        return (OfflinePolicy) set(log.terminatedCol, value);
    }

    public Param<String> truncatedCol() {
        return log.truncatedCol;
    }

    public OfflinePolicy setTruncatedCol(String value) {
        return (OfflinePolicy) set(log.truncatedCol, value);
    }

    public Param<String> episodeCol() {
        return log.episodeCol;
    }

    public OfflinePolicy setEpisodeCol(String value) {
        return (OfflinePolicy) set(log.episodeCol, value);
    }

    public Param<String> stepCol() {
        return log.stepCol;
    }

    public OfflinePolicy setStepCol(String value) {
        return (OfflinePolicy) set(log.stepCol, value);
    }

    public Param<String> actionSpace() {
        return actionSpace;
    }

    public OfflinePolicy setActionSpace(String value) {
        return (OfflinePolicy) set(actionSpace, value);
    }

    public Param<String> learner() {
        return learner;
    }

    public OfflinePolicy setLearner(String value) {
        return (OfflinePolicy) set(learner, value);
    }

    public Param<String> preset() {
        return preset;
    }

    public OfflinePolicy setPreset(String value) {
        return (OfflinePolicy) set(preset, value);
    }

    public Param<String> settings() {
        return settings;
    }

    public OfflinePolicy setSettings(String value) {
        return (OfflinePolicy) set(settings, value);
    }

    public Param<String> ingest() {
        return ingest;
    }

    public OfflinePolicy setIngest(String value) {
        return (OfflinePolicy) set(ingest, value);
    }

    public Param<String> out() {
        return out;
    }

    public OfflinePolicy setOut(String value) {
        return (OfflinePolicy) set(out, value);
    }

    public LongParam updates() {
        return updates;
    }

    public OfflinePolicy setUpdates(long value) {
        return (OfflinePolicy) set(updates, value);
    }

    public LongParam batchSize() {
        return batchSize;
    }

    public OfflinePolicy setBatchSize(long value) {
        return (OfflinePolicy) set(batchSize, value);
    }

    public LongParam seed() {
        return seed;
    }

    public OfflinePolicy setSeed(long value) {
        return (OfflinePolicy) set(seed, value);
    }

    public DoubleParam subsetPercent() {
        return subsetPercent;
    }

    public OfflinePolicy setSubsetPercent(double value) {
        return (OfflinePolicy) set(subsetPercent, value);
    }

    public StringArrayParam observationCols() {
        return decisions.observationCols;
    }

    public OfflinePolicy setObservationCols(String... value) {
        return (OfflinePolicy) set(decisions.observationCols, value);
    }

    public StringArrayParam actionMaskCols() {
        return decisions.actionMaskCols;
    }

    public OfflinePolicy setActionMaskCols(String... value) {
        return (OfflinePolicy) set(decisions.actionMaskCols, value);
    }

    public StringArrayParam actionCols() {
        return decisions.actionCols;
    }

    public OfflinePolicy setActionCols(String... value) {
        return (OfflinePolicy) set(decisions.actionCols, value);
    }

    public Param<String> actionIndexCol() {
        return decisions.actionIndexCol;
    }

    public OfflinePolicy setActionIndexCol(String value) {
        return (OfflinePolicy) set(decisions.actionIndexCol, value);
    }

    public Param<String> actions() {
        return decisions.actions;
    }

    public OfflinePolicy setActions(String value) {
        return (OfflinePolicy) set(decisions.actions, value);
    }

    public DoubleParam epsilon() {
        return decisions.epsilon;
    }

    public OfflinePolicy setEpsilon(double value) {
        return (OfflinePolicy) set(decisions.epsilon, value);
    }

    public LongParam decisionSeed() {
        return decisions.decisionSeed;
    }

    public OfflinePolicy setDecisionSeed(long value) {
        return (OfflinePolicy) set(decisions.decisionSeed, value);
    }

    public StringArrayParam keyCols() {
        return decisions.keyCols;
    }

    public OfflinePolicy setKeyCols(String... value) {
        return (OfflinePolicy) set(decisions.keyCols, value);
    }

    public Param<String> outputCols() {
        return decisions.outputCols;
    }

    public OfflinePolicy setOutputCols(String value) {
        return (OfflinePolicy) set(decisions.outputCols, value);
    }

    public Param<String> handleInvalid() {
        return decisions.handleInvalid;
    }

    public OfflinePolicy setHandleInvalid(String value) {
        return (OfflinePolicy) set(decisions.handleInvalid, value);
    }
}
