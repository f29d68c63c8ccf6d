package io.hindcast.stage.predict;

import io.hindcast.data.Spaces;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Actor.Rule;
import io.hindcast.score.Decisions;
import io.hindcast.score.Predictor;
import io.hindcast.stage.predict.StateReader.Fault;
import io.hindcast.table.PassedTable.Aside;
import io.hindcast.table.parquet.PartColumn;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.PassingWriter;
import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * What a task wrote.
 *
 * @param tally of all its rows
 * @param decided the file of those in which the policy decided, or none
 * @param faulty the file of the others, or none
 */
record PredictedPart(RowTally tally, List<PartFile> decided, List<PartFile> faulty) implements Serializable {

    /**
     * What tasks do.
     *
     * @param layout where in a row stands what is read
     * @param key where the hash of its key stands; behind it the two of the columns that are passed
     */
    record Task(
            StateLayout layout,
            int key,
            Answers answers,
            Rule rule,
            Aside decided,
            Aside faulty,
            List<String> told,
            SerializableConfiguration hadoop)
            implements Serializable {

        /** Decides in the rows and writes them. */
        PredictedPart write(Iterator<InternalRow> rows) throws IOException {
            if (!rows.hasNext()) {
                return new PredictedPart(new RowTally(), List.of(), List.of());
            }
            try (var kernels = new Nd4jKernels();
                    var writing = new Writing(this, kernels)) {
                while (rows.hasNext()) {
                    writing.add(rows.next());
                }
                return writing.finish();
            }
        }

        private Spaces spaces() {
            return layout.spaces();
        }
    }

    /** The two files, while they are written. */
    private static final class Writing implements AutoCloseable {
        private final Task task;
        private final StateReader reader;
        private final Predictor predictor;
        private final Decisions decisions;
        private final RowTally tally = new RowTally();
        private @Nullable PassingWriter decided;
        private @Nullable PassingWriter faulty;

        Writing(Task task, Nd4jKernels kernels) {
            this.task = task;
            reader = new StateReader(task.layout());
            predictor = task.answers().predictor(kernels, task.rule());
            decisions = new Decisions(task.spaces(), PartColumn.CAPACITY);
        }

        void add(InternalRow row) throws IOException {
            var at = decided == null ? 0 : decided.waiting();
            var fault = reader.read(row, decisions, at);
            tally.add(fault);
            if (fault != null) {
                addFaulty(row, fault);
                return;
            }
            if (decided == null) {
                decided = task.decided().writer(task.hadoop().value());
            }
            decisions.keys()[at] = row.getLong(task.key());
            pass(row, decided);
            if (decided.isFull()) {
                decide(decided);
            }
        }

        private void pass(InternalRow row, PassingWriter to) {
            to.pass(row, row.getLong(task.key() + 1), row.getLong(task.key() + 2));
        }

        private void decide(PassingWriter to) throws IOException {
            predictor.decide(decisions, to.waiting());
            task.answers().write(decisions, to.waiting(), to.added());
            to.endPage();
        }

        private void addFaulty(InternalRow row, Fault fault) throws IOException {
            if (faulty == null) {
                faulty = task.faulty().writer(task.hadoop().value());
            }
            pass(row, faulty);
            for (var i = 0; i < task.told().size(); i++) {
                faulty.added()
                        .get(i)
                        .add(
                                task.told().get(i).equals("quarantine_reason")
                                        ? fault.reason().toString()
                                        : fault.detail());
            }
            if (faulty.isFull()) {
                faulty.endPage();
            }
        }

        PredictedPart finish() throws IOException {
            if (decided != null && decided.waiting() > 0) {
                decide(decided);
            }
            return new PredictedPart(tally, finished(decided), finished(faulty));
        }

        private static List<PartFile> finished(@Nullable PassingWriter writer) throws IOException {
            return writer == null ? List.of() : List.of(writer.finish());
        }

        @Override
        public void close() throws IOException {
            try (var one = decided;
                    var other = faulty) {
                // Both are closed, whatever happens to one.
            }
        }
    }
}
