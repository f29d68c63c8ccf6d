package io.hindcast.stage.ingest;

import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.source.FilePart;
import io.hindcast.source.FilePlan;
import io.hindcast.source.InputFile;
import io.hindcast.source.LoggedRows;
import io.hindcast.source.PlannedLogs;
import io.hindcast.timeline.LoggedRow;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/** The rows of files that are read in parts: a task looks at each file, then a task reads each part. */
final class PartRows {
    private static final int MOST_TASKS = 256;
    /** So few parts are a task each, however small they are. */
    private static final int FEW_PARTS = 64;

    private static final long BYTES_PER_TASK = 4L << 20;

    private final JavaSparkContext spark;
    private final SerializableConfiguration hadoop;
    private final PlannedLogs.Rules rules;
    private final List<FilePart> parts = new ArrayList<>();
    private final IngestConfig config;
    private final List<String> notes;
    private final Map<String, List<String>> categories;

    /** @throws UserException if a file is damaged, or two say different things about themselves */
    PartRows(SparkSession session, List<InputFile> files, IngestConfig given) {
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        var hadoop = new SerializableConfiguration(session.sparkContext().hadoopConfiguration());
        this.hadoop = hadoop;
        var space = given.actionSpace();
        var rules = new PlannedLogs.Rules(
                given.format(),
                given.per(),
                given.episodeLength(),
                given.afterTerminal(),
                given.jump() != null,
                space == null ? null : space.actionSpace(),
                given.filter());
        this.rules = rules;
        var columns = given.columns();
        var plans = spark.parallelize(files, Math.min(files.size(), MOST_TASKS))
                .map(file -> PlannedLogs.plan(file, columns, rules, hadoop.value()))
                .collect();
        var first = plans.get(0);
        for (var i = 0; i < plans.size(); i++) {
            requireSame(files.get(i), plans.get(i), files.get(0), first);
            requireSameActions(files.get(i), plans.get(i), files.get(0), first, given);
            parts.addAll(plans.get(i).parts());
        }
        categories = PlannedLogs.categories(plans, rules, space == null ? null : space.count());
        var actions = categories.get(first.columns().actionCategory());
        config = given.completedBy(
                actions == null
                        ? first
                        : new FilePlan(
                                first.parts(),
                                first.columns(),
                                actions.isEmpty() ? null : new ActionSpace.Discrete(actions.size()),
                                first.notes(),
                                categories));
        notes = plans.stream().flatMap(plan -> plan.notes().stream()).distinct().toList();
    }

    /** The configuration, completed by what the files say. */
    IngestConfig config() {
        return config;
    }

    /** What the user should know about the files. */
    List<String> notes() {
        return notes;
    }

    /** The names in the columns that are categories or maps. */
    Map<String, List<String>> categories() {
        return categories;
    }

    /**
     * The rows, a partition a part.
     *
     * @param categories the names in the columns that are categories or maps
     */
    JavaRDD<LoggedRow> logged(Map<String, List<String>> categories) {
        if (parts.isEmpty()) {
            throw new UserException("Cannot ingest " + config.dataset() + ": its files hold no rows; check input");
        }
        var columns = config.mapping();
        var rules = this.rules;
        var hadoop = this.hadoop;
        var tasks = tasks(parts);
        return spark.parallelize(tasks, tasks.size()).flatMap(List::iterator).flatMap(part -> {
            var rows = new Closing(PlannedLogs.rows(part, columns, categories, rules, hadoop.value()));
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> rows.close());
            return rows;
        });
    }

    /** A task a part; of many small files as many a task as have some bytes together. */
    private static List<List<FilePart>> tasks(List<FilePart> parts) {
        var tasks = new ArrayList<List<FilePart>>();
        var bytes = BYTES_PER_TASK;
        for (var part : parts) {
            if (bytes >= BYTES_PER_TASK || parts.size() <= FEW_PARTS) {
                tasks.add(new ArrayList<>());
                bytes = 0;
            }
            tasks.get(tasks.size() - 1).add(part);
            bytes += part.file().bytes();
        }
        return tasks;
    }

    /** Rows that are closed once after the last, since a task may read many files. */
    private static final class Closing implements Iterator<LoggedRow> {
        private final LoggedRows rows;
        private boolean closed;

        Closing(LoggedRows rows) {
            this.rows = rows;
        }

        @Override
        public boolean hasNext() {
            var more = !closed && rows.hasNext();
            if (!more) {
                close();
            }
            return more;
        }

        @Override
        public LoggedRow next() {
            return rows.next();
        }

        void close() {
            if (!closed) {
                closed = true;
                rows.close();
            }
        }
    }

    private static void requireSame(InputFile file, FilePlan plan, InputFile other, FilePlan expected) {
        if (!plan.columns().equals(expected.columns())) {
            throw new UserException("Cannot read " + file.name() + ": its arrays are " + plan.columns() + ", those of "
                    + other.name() + " are " + expected.columns() + "; ingest them apart, or give columns");
        }
    }

    /** What the configuration says comes before what files say of themselves. */
    private static void requireSameActions(
            InputFile file, FilePlan plan, InputFile other, FilePlan expected, IngestConfig given) {
        if (given.actionSpace() == null && !Objects.equals(plan.actions(), expected.actions())) {
            throw new UserException("Cannot read " + file.name() + ": its actions are " + plan.actions() + ", those of "
                    + other.name() + " are " + expected.actions() + "; ingest them apart, or give action-space");
        }
    }
}
