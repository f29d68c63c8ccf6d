package io.hindcast.stage.predict;

import io.hindcast.data.ActionSpace;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Actor.Rule;
import io.hindcast.score.Decisions;
import io.hindcast.score.Predictor;
import io.hindcast.stage.predict.PredictConfig.Names;
import io.hindcast.table.TableName;
import io.hindcast.table.parquet.PartColumn;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * The columns that are added to each row, as the schema file of {@code predictions} has them.
 *
 * @param columns which of them, by their names in that file
 * @param schema them under the names that they get
 */
record Answers(List<String> columns, StructType schema, PredictedPolicy policy, long seed) implements Serializable {
    private static final List<String> OF_VECTORS = List.of("mean", "deviation");
    private static final List<String> OF_INDICES = List.of("action_index", "probabilities");
    private static final List<String> OF_CRITICS = List.of("q", "v");

    /**
     * Those that there is something to say in, and that have a name.
     *
     * @param isLogged whether rows say what was done
     */
    static Answers of(PredictedPolicy policy, boolean isLogged, Names names, long seed) {
        var told = told(policy.spaces().actions(), policy.hasCritics(), isLogged, names);
        var columns = told.stream().map(StructField::name).toList();
        return new Answers(columns, schema(told, names), policy, seed);
    }

    /** What a policy adds that is still to be learned, but for what only some learners tell. */
    static StructType sure(ActionSpace actions, boolean isLogged, Names names) {
        return schema(told(actions, false, isLogged, names), names);
    }

    private static List<StructField> told(ActionSpace actions, boolean hasCritics, boolean isLogged, Names names) {
        return Stream.of(TableName.PREDICTIONS.schema().fields())
                .filter(field -> !names.of(field.name()).isEmpty())
                .filter(field -> isTold(field.name(), actions, hasCritics, isLogged))
                .toList();
    }

    private static StructType schema(List<StructField> told, Names names) {
        return new StructType(told.stream()
                .map(field -> new StructField(names.of(field.name()), field.dataType(), true, field.metadata()))
                .toArray(StructField[]::new));
    }

    private static boolean isTold(String column, ActionSpace actions, boolean hasCritics, boolean isLogged) {
        if (OF_CRITICS.contains(column)) {
            return hasCritics;
        }
        if (column.equals("log_prob")) {
            return isLogged;
        }
        var discrete = actions instanceof ActionSpace.Discrete space ? space : null;
        if (column.equals("action")) {
            return discrete == null || discrete.isVector();
        }
        return discrete == null ? !OF_INDICES.contains(column) : !OF_VECTORS.contains(column);
    }

    /** What decides, and tells what is asked for here. */
    Predictor predictor(Kernels kernels, Rule rule) {
        return policy.predictor(kernels, rule, seed, columns.stream().anyMatch(OF_CRITICS::contains));
    }

    /** A row of them, with what is the same in all rows. */
    InternalRow row() {
        var row = new SpecificInternalRow(schema);
        for (var i = 0; i < columns.size(); i++) {
            switch (columns.get(i)) {
                case "policy" -> row.update(i, UTF8String.fromString(policy.name()));
                case "policy_version" ->
                    row.update(i, policy.version() == null ? null : UTF8String.fromString(policy.version()));
                case "policy_sha256" -> row.update(i, UTF8String.fromString(policy.sha256()));
                case "seed" -> row.setLong(i, seed);
                default -> row.setNullAt(i);
            }
        }
        return row;
    }

    /** Writes what was decided in the state {@code at}. */
    void write(Decisions decisions, int at, InternalRow row) {
        var size = policy.spaces().actions().size();
        for (var i = 0; i < columns.size(); i++) {
            switch (columns.get(i)) {
                case "action" -> row.update(i, UnsafeArrayData.fromPrimitiveArray(action(decisions, at)));
                case "action_index" -> row.setInt(i, decisions.indices()[at]);
                case "propensity" -> write(Math.exp(decisions.logs()[at]), row, i);
                case "log_propensity" -> write(decisions.logs()[at], row, i);
                case "log_prob" -> write(decisions.loggedLogs()[at], row, i);
                case "probabilities" -> row.update(i, entries(decisions.probabilities(), at, size));
                case "mean" -> row.update(i, entries(decisions.means(), at, size));
                case "deviation" -> row.update(i, entries(decisions.deviations(), at, size));
                case "q" -> row.setFloat(i, decisions.actionValues()[at]);
                case "v" -> row.setFloat(i, decisions.stateValues()[at]);
                default -> {}
            }
        }
    }

    /**
     * Writes what was decided in the first {@code count} states.
     *
     * @param to a column for each of {@link #columns}
     */
    void write(Decisions decisions, int count, List<PartColumn> to) {
        for (var i = 0; i < columns.size(); i++) {
            var column = to.get(i);
            for (var at = 0; at < count; at++) {
                write(columns.get(i), decisions, at, column);
            }
        }
    }

    private void write(String name, Decisions decisions, int at, PartColumn to) {
        switch (name) {
            case "action" -> to.add(action(decisions, at));
            case "action_index" -> to.add(decisions.indices()[at]);
            case "propensity" -> write(Math.exp(decisions.logs()[at]), to);
            case "log_propensity" -> write(decisions.logs()[at], to);
            case "log_prob" -> write(decisions.loggedLogs()[at], to);
            case "probabilities" -> write(decisions.probabilities(), at, to);
            case "mean" -> write(decisions.means(), at, to);
            case "deviation" -> write(decisions.deviations(), at, to);
            case "q" -> to.add(decisions.actionValues()[at]);
            case "v" -> to.add(decisions.stateValues()[at]);
            case "policy" -> to.add(policy.name());
            case "policy_version" -> write(policy.version(), to);
            case "policy_sha256" -> to.add(policy.sha256());
            case "seed" -> to.add(seed);
            default -> throw new IllegalArgumentException(name);
        }
    }

    private static void write(double number, PartColumn to) {
        if (Double.isNaN(number)) {
            to.addAbsent();
        } else {
            to.add(number);
        }
    }

    private static void write(@Nullable String text, PartColumn to) {
        if (text == null) {
            to.addAbsent();
        } else {
            to.add(text);
        }
    }

    private void write(double[] all, int at, PartColumn to) {
        var size = policy.spaces().actions().size();
        if (Double.isNaN(all[at * size])) {
            to.addAbsent();
        } else {
            to.add(Arrays.copyOfRange(all, at * size, (at + 1) * size));
        }
    }

    private float[] action(Decisions decisions, int at) {
        if (policy.spaces().actions() instanceof ActionSpace.Discrete space) {
            var numbers = space.write(decisions.indices()[at]);
            var action = new float[numbers.length];
            for (var i = 0; i < action.length; i++) {
                action[i] = numbers[i];
            }
            return action;
        }
        var size = policy.spaces().actions().size();
        return Arrays.copyOfRange(decisions.actions(), at * size, (at + 1) * size);
    }

    private static void write(double number, InternalRow row, int i) {
        if (Double.isNaN(number)) {
            row.setNullAt(i);
        } else {
            row.setDouble(i, number);
        }
    }

    private static @Nullable UnsafeArrayData entries(double[] all, int at, int size) {
        return Double.isNaN(all[at * size])
                ? null
                : UnsafeArrayData.fromPrimitiveArray(Arrays.copyOfRange(all, at * size, (at + 1) * size));
    }
}
