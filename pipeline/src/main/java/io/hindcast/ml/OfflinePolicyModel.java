package io.hindcast.ml;

import io.hindcast.config.Json;
import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.stage.predict.FramePolicy;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A policy that decides in every row of a frame: {@link #transform} adds the columns that {@code predict} writes. What is drawn in a
 * row follows from {@code decisionSeed} and its key, however the frame is cut.
 *
 * <p>Its checkpoint stays where it was trained ({@code run}) until the model is saved, which copies it.
 */
public final class OfflinePolicyModel extends Model<OfflinePolicyModel> implements MLWritable {
    private static final String CHECKPOINTS = "checkpoints";

    private final String uid;
    private final DecisionParams decisions;
    private final Param<String> run;
    private final Param<String> categories;

    /** One without a policy, as Spark Connect's server asks of all that it may load. */
    public OfflinePolicyModel() {
        this(Identifiable$.MODULE$.randomUID("offlinePolicyModel"));
    }

    /** One that Spark ML makes to read a saved one into. */
    public OfflinePolicyModel(String uid) {
        this.uid = uid;
        decisions = new DecisionParams(this);
        run = new Param<>(this, "run", "the directory of the run whose policy decides: OUT/checkpoints/RUN_ID");
        categories = new Param<>(
                this, "categories", "the sorted names of each column of the log that is a category or a map, as JSON");
        setDefault(categories, "{}");
    }

    /**
     * The policy of a run that was trained by a job.
     *
     * @param uid a name for the model
     * @param directory of the run, {@code OUT/checkpoints/RUN_ID}
     */
    public static OfflinePolicyModel ofRun(String uid, String directory) {
        return (OfflinePolicyModel) new OfflinePolicyModel(uid).set("run", directory);
    }

    OfflinePolicyModel with(Map<String, List<String>> names) {
        return (OfflinePolicyModel) set(categories, Json.text(names));
    }

    @Override
    public String uid() {
        return uid;
    }

    /** @throws UserException if the policy is not there, or a column lacks; when rows are taken, if one is of no use */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        var frame = dataset.toDF();
        var vectors = VectorColumns.of(frame.schema());
        return vectors.without(
                policy(vectors, frame.schema(), dataset.sparkSession()).decide(vectors.with(frame)));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        var vectors = VectorColumns.of(schema);
        return vectors.without(policy(vectors, schema, SparkSession.active()).schema(vectors.with(schema)));
    }

    private FramePolicy policy(VectorColumns vectors, StructType schema, SparkSession spark) {
        if (!isDefined(run)) {
            throw new UserException("Cannot decide: no policy is there; fit an OfflinePolicy, or set run");
        }
        return FramePolicy.of(
                getOrDefault(run),
                decisions.how(vectors, hasAction(schema), names()),
                spark.sparkContext().hadoopConfiguration());
    }

    /** New rows do not say what was done. */
    private boolean hasAction(StructType schema) {
        var there = List.of(schema.fieldNames());
        return decisions.isLogged()
                && ColumnMapping.expand(Stream.concat(
                                        Stream.of(getOrDefault(decisions.actionCols)),
                                        Stream.ofNullable(
                                                isDefined(decisions.actionIndexCol)
                                                        ? getOrDefault(decisions.actionIndexCol)
                                                        : null))
                                .toList())
                        .stream()
                        .allMatch(name -> ColumnMapping.held(ColumnMapping.bare(name), there)
                                .isPresent());
    }

    @SuppressWarnings("unchecked") // written by with()
    private Map<String, List<String>> names() {
        try {
            return Json.MAPPER.readValue(getOrDefault(categories), Map.class);
        } catch (IOException e) {
            throw new UserException("Cannot use categories = " + getOrDefault(categories) + ": it is no JSON", e);
        }
    }

    @Override
    public OfflinePolicyModel copy(ParamMap extra) {
        return copyValues(new OfflinePolicyModel(uid), extra);
    }

    /** Writes the params and a copy of the checkpoints of its run: a folder that needs nothing else. */
    @Override
    public MLWriter write() {
        var model = this;
        return new MLWriter() {
            @Override
            public void saveImpl(String path) {
                try {
                    var from = new Path(model.getOrDefault(model.run));
                    var to = new Path(new Path(path, CHECKPOINTS), from.getName());
                    var hadoop = sparkSession().sparkContext().hadoopConfiguration();
                    to.getFileSystem(hadoop).mkdirs(to.getParent());
                    FileUtil.copy(from.getFileSystem(hadoop), from, to.getFileSystem(hadoop), to, false, hadoop);
                    // Last: without it there is no model.
                    new DefaultParamsWriter(model).saveImpl(path);
                } catch (IOException e) {
                    throw new UserException("Cannot save the model to " + path + ": " + e.getMessage(), e);
                }
            }
        };
    }

    /** Reads a model that was saved. */
    public static MLReader<OfflinePolicyModel> read() {
        return new MLReader<>() {
            @Override
            public OfflinePolicyModel load(String path) {
                var model = new DefaultParamsReader<OfflinePolicyModel>().load(path);
                var name = new Path(model.getOrDefault(model.run)).getName();
                return model.setRun(path + "/" + CHECKPOINTS + "/" + name);
            }
        };
    }

    /** The model in a folder. */
    public static OfflinePolicyModel load(String path) {
        return read().load(path);
    }

    public Param<String> run() {
        return run;
    }

    public String getRun() {
        return getOrDefault(run);
    }

    public OfflinePolicyModel setRun(String value) {
        return (OfflinePolicyModel) set(run, value);
    }

    public Param<String> categories() {
        return categories;
    }

    public StringArrayParam observationCols() {
        return decisions.observationCols;
    }

    public OfflinePolicyModel setObservationCols(String... value) {
        return (OfflinePolicyModel) set(decisions.observationCols, value);
    }

    public StringArrayParam actionMaskCols() {
        return decisions.actionMaskCols;
    }

    public OfflinePolicyModel setActionMaskCols(String... value) {
        return (OfflinePolicyModel) set(decisions.actionMaskCols, value);
    }

    public StringArrayParam actionCols() {
        return decisions.actionCols;
    }

    public OfflinePolicyModel setActionCols(String... value) {
        return (OfflinePolicyModel) set(decisions.actionCols, value);
    }

    public Param<String> actionIndexCol() {
        return decisions.actionIndexCol;
    }

    public OfflinePolicyModel setActionIndexCol(String value) {
        return (OfflinePolicyModel) set(decisions.actionIndexCol, value);
    }

    public Param<String> actions() {
        return decisions.actions;
    }

    public OfflinePolicyModel setActions(String value) {
        return (OfflinePolicyModel) set(decisions.actions, value);
    }

    public DoubleParam epsilon() {
        return decisions.epsilon;
    }

    public OfflinePolicyModel setEpsilon(double value) {
        return (OfflinePolicyModel) set(decisions.epsilon, value);
    }

    public LongParam decisionSeed() {
        return decisions.decisionSeed;
    }

    public OfflinePolicyModel setDecisionSeed(long value) {
        return (OfflinePolicyModel) set(decisions.decisionSeed, value);
    }

    public StringArrayParam keyCols() {
        return decisions.keyCols;
    }

    public OfflinePolicyModel setKeyCols(String... value) {
        return (OfflinePolicyModel) set(decisions.keyCols, value);
    }

    public Param<String> outputCols() {
        return decisions.outputCols;
    }

    public OfflinePolicyModel setOutputCols(String value) {
        return (OfflinePolicyModel) set(decisions.outputCols, value);
    }

    public Param<String> handleInvalid() {
        return decisions.handleInvalid;
    }

    public OfflinePolicyModel setHandleInvalid(String value) {
        return (OfflinePolicyModel) set(decisions.handleInvalid, value);
    }
}
