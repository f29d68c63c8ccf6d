package io.hindcast.stage.predict;

import io.hindcast.net.Actor.Rule;
import io.hindcast.stage.ReadFailure;
import io.hindcast.stage.SparkSource;
import io.hindcast.stage.predict.PredictConfig.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The rows of a table with all their columns, and what is needed of them beside: fields of columns, and the hash of the key. */
final class PassedRows {
    private final StructField[] fields;
    private final Dataset<Row> all;
    private final StateLayout layout;
    private final int key;

    /**
     * Those of {@code input}.
     *
     * @param mapped what is read of them, wherever it stands
     * @param keys the columns that tell decisions apart
     */
    PassedRows(InputFrame input, StateLayout mapped, List<String> keys) {
        fields = input.fields();
        var selected = new ArrayList<Column>();
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
        all = input.frame().select(selected.toArray(Column[]::new));
    }

    /** Those in which a policy can decide, with what it decides; {@code invalid}: what becomes of the others. */
    Dataset<Row> predicted(Answers answers, Rule rule, FramePolicy.Invalid invalid) {
        // Not this: it would travel with the task.
        var read = layout;
        var hash = key;
        return frame(
                rows().mapPartitions(part -> new PredictedRows(part, read, hash, answers, rule, invalid)),
                answers.schema());
    }

    /** The others, with what is wrong with them. */
    Dataset<Row> faulty(Names names) {
        var read = layout;
        return frame(rows().mapPartitions(part -> new FaultyRows(part, read, names)), FaultyRows.schema(names));
    }

    private JavaRDD<InternalRow> rows() {
        return all.queryExecution().toRdd().toJavaRDD().mapPartitions(ReadFailure::named);
    }

    /** What is passed through, and what is added. */
    private Dataset<Row> frame(JavaRDD<InternalRow> rows, StructType added) {
        var types = new ArrayList<StructField>();
        for (var field : Stream.of(all.schema().fields(), added.fields())
                .flatMap(Stream::of)
                .toList()) {
            types.add(new StructField("_" + types.size(), field.dataType(), true, field.metadata()));
        }
        var kept = new ArrayList<Column>();
        for (var i = 0; i < types.size(); i++) {
            var isAdded = i > key;
            if (isAdded || i < fields.length) {
                var field = isAdded ? added.fields()[i - key - 1] : fields[i];
                kept.add(functions.col("_" + i).as(field.name(), field.metadata()));
            }
        }
        return ((org.apache.spark.sql.classic.SparkSession) all.sparkSession())
                .internalCreateDataFrame(rows.rdd(), new StructType(types.toArray(StructField[]::new)), false)
                .select(kept.toArray(Column[]::new));
    }
}
