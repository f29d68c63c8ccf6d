package io.hindcast.stage.predict;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Actor.Rule;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.FrameSchema;
import io.hindcast.stage.predict.PredictConfig.Names;
import io.hindcast.stage.predict.PredictConfig.StateColumns;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** The policy of a run as a function of frames: what {@code predict} publishes, computed when it is asked for. Nothing is written. */
public final class FramePolicy {
    /** What becomes of a row in which nothing can be decided. */
    public enum Invalid {
        /** It is an error. */
        ERROR,
        /** It is left out. */
        SKIP
    }

    /**
     * How it decides.
     *
     * @param columns which hold what it is shown, and what was done
     * @param categories the sorted names of each column of the log that is a category or a map, by the column without its prefix
     * @param names of the columns that are added
     * @param actions the likeliest, or drawn ones
     * @param epsilon the probability of a uniformly drawn action in its place
     * @param key the columns that tell decisions apart; empty: all
     */
    public record How(
            StateColumns columns,
            Map<String, List<String>> categories,
            Names names,
            Preference actions,
            double epsilon,
            long seed,
            List<String> key,
            Invalid invalid)
            implements Serializable {}

    private static final String FRAME = "the frame";

    private final PredictedPolicy policy;
    private final How how;

    private FramePolicy(PredictedPolicy policy, How how) {
        this.policy = policy;
        this.how = how;
    }

    /**
     * That of a run's last checkpoint.
     *
     * @param run its directory, {@code OUT/checkpoints/RUN_ID}
     * @throws UserException if there is no finished run, or it learned no policy
     */
    public static FramePolicy of(String run, How how, Configuration hadoop) {
        return new FramePolicy(
                PredictedPolicy.of(
                        CheckpointStore.around(run, hadoop),
                        run,
                        null,
                        "transform",
                        String.valueOf(new Path(run).getParent()),
                        new SerializableConfiguration(hadoop)),
                how);
    }

    /**
     * The columns of what {@link #decide} gives.
     *
     * @throws UserException if a column lacks, or is there already
     */
    public StructType schema(StructType given) {
        return wider(given, answers(layout(given)).schema());
    }

    /**
     * The same of a policy that is still to be learned, but for what only some learners tell ({@code q}, {@code v}).
     *
     * @param actions what it will choose from
     */
    public static StructType schema(StructType given, ActionSpace actions, How how) {
        return wider(given, Answers.sure(actions, how.columns().isLogged(), how.names()));
    }

    private static StructType wider(StructType given, StructType added) {
        InputFrame.requireFree(FRAME, List.of(given.fieldNames()), added);
        return new StructType(
                Stream.of(given.fields(), added.fields()).flatMap(Stream::of).toArray(StructField[]::new));
    }

    /**
     * The rows of {@code frame} with what the policy does in each, in their order.
     *
     * @throws UserException likewise; with {@link Invalid#ERROR} also when rows are taken in which nothing can be decided
     */
    public Dataset<Row> decide(Dataset<Row> frame) {
        schema(frame.schema());
        var layout = layout(frame.schema());
        return new PassedRows(new InputFrame(frame, FRAME, List.of()), layout, how.key())
                .predicted(answers(layout), new Rule(how.actions(), how.epsilon(), 0, 0), how.invalid());
    }

    private Answers answers(StateLayout layout) {
        return Answers.of(policy, layout.isLogged(), how.names(), how.seed());
    }

    private StateLayout layout(StructType schema) {
        var mapped = StateLayout.mapped(how.columns());
        var found = FrameSchema.mapped(schema, mapped, FRAME);
        var layout = new StateLayout(
                FRAME,
                how.columns(),
                how.columns().known(how.categories(), policy.root()),
                mapped,
                found,
                StateLayout.inOrder(found.size()),
                policy.spaces());
        layout.requireNumbers();
        return layout;
    }
}
