package io.hindcast.stage.predict;

import io.hindcast.net.Actor.Rule;
import io.hindcast.stage.ReadFailure;
import io.hindcast.stage.SparkSource;
import io.hindcast.table.PassedTable;
import io.hindcast.table.PassedTable.Aside;
import io.hindcast.table.parquet.PassingWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The rows of a table with all their columns, and what is needed of them beside: fields of columns, the hash of the key, and the two
 * hashes of all columns.
 */
final class PassedRows {
    private final InputFrame input;
    private final List<Column> selected = new ArrayList<>();
    private final StateLayout layout;
    private final int key;

    /**
     * Those of {@code input}.
     *
     * @param mapped what is read of them, wherever it stands
     * @param keys the columns that tell decisions apart
     */
    PassedRows(InputFrame input, StateLayout mapped, List<String> keys) {
        this.input = input;
        input.columns().forEach(name -> selected.add(SparkSource.select(List.of(name))));
        var places = new ArrayList<Integer>();
        for (var found : mapped.found()) {
            if (found.path().size() == 1) {
                places.add(input.columns().indexOf(found.path().get(0)));
            } else {
                places.add(selected.size());
                selected.add(SparkSource.select(found.path()));
            }
        }
        key = selected.size();
        selected.add(input.key(keys));
        layout = mapped.at(List.copyOf(places));
    }

    /** Those in which a policy can decide, with what it decides; {@code invalid}: what becomes of the others. */
    Dataset<Row> predicted(Answers answers, Rule rule, FramePolicy.Invalid invalid) {
        // Not this: it would travel with the task.
        var read = layout;
        var hash = key;
        var all = input.frame().select(selected.toArray(Column[]::new));
        var types = PassingWriter.schema(all.schema(), answers.schema());
        var decided = ((org.apache.spark.sql.classic.SparkSession) all.sparkSession())
                .internalCreateDataFrame(
                        rows(all)
                                .mapPartitions(part -> new PredictedRows(part, read, hash, answers, rule, invalid))
                                .rdd(),
                        numbered(types),
                        false);
        return decided.select(IntStream.range(0, types.size())
                .filter(i -> i < input.columns().size() || i > key)
                .mapToObj(i -> functions.col("_" + i).as(types.fields()[i].name(), types.fields()[i].metadata()))
                .toArray(Column[]::new));
    }

    /** By numbers columns of any names are told apart. */
    private static StructType numbered(StructType types) {
        return new StructType(IntStream.range(0, types.size())
                .mapToObj(
                        i -> new StructField("_" + i, types.fields()[i].dataType(), true, types.fields()[i].metadata()))
                .toArray(StructField[]::new));
    }

    /**
     * What tasks write of them: the two hashes stand behind the one of the key.
     *
     * @param told what is told of rows in which a policy cannot decide, by the names in the schema file
     */
    JavaRDD<PredictedPart> written(
            Answers answers,
            Rule rule,
            Aside decided,
            Aside faulty,
            List<String> told,
            SerializableConfiguration hadoop) {
        var columns = new ArrayList<>(selected);
        columns.addAll(PassedTable.hashes(new StructType(input.fields())));
        var task = new PredictedPart.Task(layout, key, answers, rule, decided, faulty, told, hadoop);
        return rows(input.frame().select(columns.toArray(Column[]::new)))
                .mapPartitions(part -> List.of(task.write(part)).iterator());
    }

    private static JavaRDD<InternalRow> rows(Dataset<Row> frame) {
        return frame.queryExecution().toRdd().toJavaRDD().mapPartitions(ReadFailure::named);
    }
}
