package io.hindcast.stage.ingest;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.commons.collections4.iterators.LazyIteratorChain;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.KnownNotNull;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.ProjectExec;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.jspecify.annotations.Nullable;
import scala.jdk.javaapi.CollectionConverters;

/** The rows of files that Spark scans. */
final class ScannedRows {
    private ScannedRows() {}

    /**
     * The rows of a query; each is valid until the next. Where it takes whole columns out of files that are read in batches, rows
     * are views of these, and nothing is copied.
     */
    static JavaRDD<InternalRow> of(QueryExecution query) {
        var plan = query.sparkPlan();
        var sources = new ArrayList<Expression>(CollectionConverters.asJava(plan.output()));
        while (plan instanceof ProjectExec project) {
            sources.replaceAll(source -> under(source, project));
            plan = project.child();
        }
        if (plan instanceof FileSourceScanExec scan && scan.supportsColumnar()) {
            var scanned = CollectionConverters.asJava(scan.output()).stream()
                    .map(Attribute::exprId)
                    .toList();
            var places = sources.stream()
                    .mapToInt(source -> source instanceof Attribute column ? scanned.indexOf(column.exprId()) : -1)
                    .toArray();
            if (IntStream.of(places).allMatch(place -> place >= 0)) {
                return scan.executeColumnar().toJavaRDD().mapPartitions(batches -> rows(batches, places));
            }
        }
        return query.toRdd().toJavaRDD();
    }

    /** What stands for a column, or a field of a column, in what a projection is made from. */
    private static Expression under(Expression source, ProjectExec project) {
        if (source instanceof GetStructField field) {
            var struct = under(field.child(), project);
            var fields = struct instanceof KnownNotNull known ? known.child() : struct;
            return fields instanceof CreateNamedStruct made ? made.valExprs().apply(field.ordinal()) : source;
        }
        for (var named : CollectionConverters.asJava(project.projectList())) {
            if (source instanceof Attribute column && named.exprId().equals(column.exprId())) {
                return named instanceof Alias alias ? alias.child() : (Expression) named;
            }
        }
        return source;
    }

    private static Iterator<InternalRow> rows(Iterator<ColumnarBatch> batches, int[] places) {
        return new LazyIteratorChain<>() {
            @Override
            protected @Nullable Iterator<InternalRow> nextIterator(int count) {
                return batches.hasNext() ? rows(batches.next(), places) : null;
            }
        };
    }

    private static Iterator<InternalRow> rows(ColumnarBatch batch, int[] places) {
        var columns = IntStream.of(places).mapToObj(batch::column).toArray(ColumnVector[]::new);
        return new ColumnarBatch(columns, batch.numRows()).rowIterator();
    }
}
