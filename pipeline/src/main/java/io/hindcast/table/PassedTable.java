package io.hindcast.table;

import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.PassingWriter;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.StructType;

/** A version to come of a table whose columns are those of another one, with columns added: tasks write it aside, each its file. */
public final class PassedTable implements AutoCloseable {
    private final TableWriter tables;
    private final TableName table;
    private final Aside aside;

    /**
     * Begins it.
     *
     * @param passed the columns of the other one
     * @param added those that are added
     */
    public PassedTable(Warehouse warehouse, TableName table, StructType passed, StructType added) {
        this.table = table;
        tables = new TableWriter(warehouse);
        aside = new Aside(tables.aside(table), passed, added);
    }

    /** Where tasks write, and what. */
    public record Aside(String directory, StructType passed, StructType added) implements Serializable {
        /**
         * A file of one attempt of a task.
         *
         * @throws IOException if it cannot be made
         */
        public PassingWriter writer(Configuration hadoop) throws IOException {
            var task = TaskContext.get();
            var name = String.format("part-%05d-%d.parquet", task.partitionId(), task.taskAttemptId());
            return new PassingWriter(passed, added, directory, name, hadoop);
        }
    }

    /** Where tasks write. */
    public Aside aside() {
        return aside;
    }

    /** The two hashes of columns that {@link PassingWriter#pass} takes with each row. */
    public static List<Column> hashes(StructType passed) {
        return List.of(Contents.hash(passed, 1), Contents.hash(passed, 2));
    }

    /** What tasks wrote, to be put in place. */
    public Draft draft(List<PartFile> parts) {
        return new Draft(table, 0, aside.directory(), parts, Optional.empty())
                .with(PassingWriter.schema(aside.passed(), aside.added()));
    }

    /** Removes what was written aside and not published. */
    @Override
    public void close() {
        tables.discard(aside.directory());
    }
}
