package io.hindcast.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.exp;
import static org.apache.spark.sql.functions.lit;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.judge.JudgeConfig;
import io.hindcast.stage.judge.JudgeStage;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what a policy is worth, by what another one logged: the job {@code judge} on a frame that an {@link OfflinePolicyModel} has
 * transformed, by importance weights alone. For Spark ML's CrossValidator and TrainValidationSplit. Where episodes have several rows
 * these must not be split at random: give CrossValidator a fold column.
 */
public final class OffPolicyEvaluator extends Evaluator implements DefaultParamsWritable {
    private static final Logger LOG = LoggerFactory.getLogger(OffPolicyEvaluator.class);

    /** Of whom it is said. */
    private static final String POLICY = "policy";

    private static final String PROBABILITY = "hindcast_probability";
    private static final String ONE = "hindcast_one";

    private final String uid;
    private final LogParams log;
    private final Param<String> logProbCol;
    private final Param<String> estimator;
    private final Param<String> metric;
    private final DoubleParam discount;
    private final Param<String> out;

    /** With a name of its own. */
    public OffPolicyEvaluator() {
        this(Identifiable$.MODULE$.randomUID("offPolicyEvaluator"));
    }

    /** With a name. */
    public OffPolicyEvaluator(String uid) {
        this.uid = uid;
        log = new LogParams(this);
        logProbCol = new Param<>(
                this, "logProbCol", "column of the logarithm of how likely the policy is to do what was logged");
        estimator = new Param<>(this, "estimator", "is, wis, pdis or wpdis, see docs/judging.md");
        metric = new Param<>(
                this, "metric", "value: the estimate; lower: the lower end of its interval, which is wary of few data");
        discount = new DoubleParam(this, "discount", "discount for each step");
        out = new Param<>(this, "out", "a folder that all executors reach; each judgement writes into one of its own");
        setDefault(logProbCol, "log_prob");
        setDefault(estimator, "wis");
        setDefault(metric, "value");
        setDefault(discount, 1.0);
    }

    @Override
    public String uid() {
        return uid;
    }

    @Override
    public boolean isLargerBetter() {
        return true;
    }

    /**
     * The estimate, in the unit of returns; negative infinity if the log says nothing of the policy.
     *
     * @throws UserException if a param is wrong, or the frame is of no use
     */
    @Override
    public double evaluate(Dataset<?> dataset) {
        for (var param : List.of(out, log.rewardCol, log.propensityCol)) {
            if (!isDefined(param)) {
                throw new UserException("Cannot evaluate without " + param.name() + ": set it");
            }
        }
        var isLower = getOrDefault(metric).equals("lower");
        if (!isLower && !getOrDefault(metric).equals("value")) {
            throw Settings.unknown("value", getOrDefault(metric), List.of("value", "lower"), " of metric");
        }
        var given = getOrDefault(logProbCol);
        var frame = dataset.toDF();
        if (!List.of(frame.columns()).contains(given)) {
            throw new UserException(
                    "Cannot evaluate: the frame has no column '" + given
                            + "'; transform one that has the columns of what was done (actionIndexCol or actionCols of the model)");
        }
        // Importance weights ask neither what was seen nor what was done, but for how likely that was.
        var told = frame.withColumn(PROBABILITY, exp(col("`" + given + "`"))).withColumn(ONE, lit(0));
        var name = Identifiable$.MODULE$.randomUID("judgement");
        return LoggedFrame.ingested(
                told,
                name,
                getOrDefault(out),
                ingest(),
                context -> judged(context, isLower ? "interval_low" : "value"));
    }

    private double judged(StageContext context, String column) {
        var section = Map.of(
                "checkpoints", "none",
                "estimators", List.of(getOrDefault(estimator)),
                "replicates", 0,
                "discount", getOrDefault((Param<Object>) discount),
                "policies", Map.of(POLICY, Map.of("column", PROBABILITY)));
        JudgeStage.run(context, Settings.read(JudgeConfig.class, ConfigFactory.parseMap(section), "judge"));
        var warehouse = context.warehouse();
        var found = TableRows.of(warehouse, warehouse.require(TableName.ESTIMATES)).stream()
                .filter(row -> row.getAs("policy").equals(POLICY))
                .findFirst()
                .orElseThrow();
        if (!found.<Boolean>getAs("usable")) {
            LOG.warn("this estimate is not to be relied on: {}", found.<String>getAs("reason"));
        }
        return number(found, column);
    }

    private static double number(Row found, String column) {
        var place = found.fieldIndex(column);
        return found.isNullAt(place) || Double.isNaN(found.getDouble(place))
                ? Double.NEGATIVE_INFINITY
                : found.getDouble(place);
    }

    private Config ingest() {
        var columns = new HashMap<String, Object>();
        columns.put("observation", List.of(ONE));
        columns.put("action-index", ONE);
        columns.put("keep", List.of(PROBABILITY));
        return ConfigFactory.parseMap(log.section(columns, Map.of("type", "discrete", "count", 1)));
    }

    @Override
    public OffPolicyEvaluator copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    /** Reads an evaluator that was saved. */
    public static MLReader<OffPolicyEvaluator> read() {
        return new DefaultParamsReader<>();
    }

    /** The evaluator in a folder. */
    public static OffPolicyEvaluator load(String path) {
        return read().load(path);
    }

    public Param<String> logProbCol() {
        return logProbCol;
    }

    public OffPolicyEvaluator setLogProbCol(String value) {
        return (OffPolicyEvaluator) set(logProbCol, value);
    }

    public Param<String> rewardCol() {
        return log.rewardCol;
    }

    public OffPolicyEvaluator setRewardCol(String value) {
        return (OffPolicyEvaluator) set(log.rewardCol, value);
    }

    public Param<String> propensityCol() {
        return log.propensityCol;
    }

    public OffPolicyEvaluator setPropensityCol(String value) {
        return (OffPolicyEvaluator) set(log.propensityCol, value);
    }

    public Param<String> terminatedCol() {
        return log.terminatedCol;
    }

    public OffPolicyEvaluator setTerminatedCol(String value) {
        return (OffPolicyEvaluator) set(log.terminatedCol, value);
    }

    public Param<String> truncatedCol() {
        return log.truncatedCol;
    }

    public OffPolicyEvaluator setTruncatedCol(String value) {
        return (OffPolicyEvaluator) set(log.truncatedCol, value);
    }

    public Param<String> episodeCol() {
        return log.episodeCol;
    }

    public OffPolicyEvaluator setEpisodeCol(String value) {
        return (OffPolicyEvaluator) set(log.episodeCol, value);
    }

    public Param<String> stepCol() {
        return log.stepCol;
    }

    public OffPolicyEvaluator setStepCol(String value) {
        return (OffPolicyEvaluator) set(log.stepCol, value);
    }

    public Param<String> estimator() {
        return estimator;
    }

    public OffPolicyEvaluator setEstimator(String value) {
        return (OffPolicyEvaluator) set(estimator, value);
    }

    public Param<String> metric() {
        return metric;
    }

    public OffPolicyEvaluator setMetric(String value) {
        return (OffPolicyEvaluator) set(metric, value);
    }

    public Param<String> out() {
        return out;
    }

    public OffPolicyEvaluator setOut(String value) {
        return (OffPolicyEvaluator) set(out, value);
    }

    public DoubleParam discount() {
        return discount;
    }

    public OffPolicyEvaluator setDiscount(double value) {
        return (OffPolicyEvaluator) set(discount, value);
    }
}
