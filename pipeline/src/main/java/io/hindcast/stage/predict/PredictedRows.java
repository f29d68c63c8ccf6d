package io.hindcast.stage.predict;

import io.hindcast.config.UserException;
import io.hindcast.kernel.Nd4jKernels;
import io.hindcast.net.Actor.Rule;
import io.hindcast.score.Decisions;
import io.hindcast.score.Predictor;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The rows of a task in which a policy can decide, each with what it decides; the others are left out. A row is given out in the same
 * place each time, so it must be copied by whoever keeps it.
 */
final class PredictedRows implements Iterator<InternalRow> {
    /** Decided in one go: enough that batches, in which each row has its place, are mostly full. */
    private static final int BLOCK = 4096;

    private final Iterator<InternalRow> rows;
    private final int key;
    private final StateReader reader;
    private final Answers answers;
    private final Predictor predictor;
    private final Decisions decisions;
    private final FramePolicy.Invalid invalid;
    private final String source;
    private final InternalRow[] kept = new InternalRow[BLOCK];
    private final InternalRow answer;
    private final JoinedRow joined = new JoinedRow();
    private int count;
    private int next;

    /**
     * Those of one task.
     *
     * @param key the place of the hash of a row's key
     * @param invalid what becomes of the others
     */
    PredictedRows(
            Iterator<InternalRow> rows,
            StateLayout layout,
            int key,
            Answers answers,
            Rule rule,
            FramePolicy.Invalid invalid) {
        this.invalid = invalid;
        source = layout.source();
        this.rows = rows;
        this.key = key;
        this.answers = answers;
        var task = TaskContext.get();
        reader = new StateReader(layout);
        var kernels = new Nd4jKernels();
        task.addTaskCompletionListener((TaskCompletionListener) context -> kernels.close());
        predictor = answers.predictor(kernels, rule);
        decisions = new Decisions(layout.spaces(), BLOCK);
        answer = answers.row();
    }

    @Override
    public boolean hasNext() {
        if (next == count) {
            fill();
        }
        return next < count;
    }

    private void fill() {
        next = 0;
        count = 0;
        while (count < BLOCK && rows.hasNext()) {
            var row = rows.next();
            var fault = reader.read(row, decisions, count);
            if (fault == null) {
                decisions.keys()[count] = row.getLong(key);
                kept[count++] = row.copy();
            } else if (invalid == FramePolicy.Invalid.ERROR) {
                throw new UserException("Cannot decide in a row of " + source + ": " + fault.reason() + ": "
                        + fault.detail() + "; mend it, or leave such rows out (handleInvalid = skip)");
            }
        }
        predictor.decide(decisions, count);
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        answers.write(decisions, next, answer);
        return joined.apply(kept[next++], answer);
    }
}
