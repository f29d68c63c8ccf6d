package io.hindcast.table;

import io.hindcast.judge.Episode;
import io.hindcast.judge.EpisodeFigures;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.PartWriter;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;

/** The episodes that policies were judged by, a row a policy and episode, as tasks write them aside. */
public final class JudgedEpisodesTable implements AutoCloseable {
    private final Publication publication;
    private final TableWriter tables;
    private final String directory;

    /**
     * Begins a version.
     *
     * @param publication of the {@code estimates} that belong to it
     */
    public JudgedEpisodesTable(Publication publication) {
        this.publication = publication;
        tables = new TableWriter(publication.warehouse());
        directory = tables.aside(TableName.JUDGED_EPISODES);
    }

    /** A policy, as {@code estimates} names it. */
    public record Policy(
            String name, @Nullable String run, @Nullable Long step) implements Serializable {}

    /**
     * Where tasks write.
     *
     * @param policies in the order in which each episode is written
     */
    public record Aside(String directory, List<Policy> policies) implements Serializable {}

    /** Where tasks write. */
    public Aside aside(List<Policy> policies) {
        return new Aside(directory, List.copyOf(policies));
    }

    /** What one task writes; a file, or none where it saw no episode. */
    public static final class Part {
        private final Aside aside;
        private final Configuration hadoop;
        private @Nullable PartWriter writer;

        /** Nothing yet. */
        public Part(Aside aside, Configuration hadoop) {
            this.aside = aside;
            this.hadoop = hadoop;
        }

        /**
         * Writes an episode.
         *
         * @param group what it is judged with, as {@code estimates} names it; null for all together
         * @param episodes the episode as each policy weighs it, {@code [policies]}
         */
        public void write(@Nullable String group, List<Episode> episodes) {
            try {
                if (writer == null) {
                    var task = TaskContext.get();
                    var name = String.format("part-%05d-%d.parquet", task.partitionId(), task.taskAttemptId());
                    writer = new PartWriter(TableName.JUDGED_EPISODES.schema(), aside.directory(), name, hadoop);
                }
                for (var p = 0; p < episodes.size(); p++) {
                    writer.write(row(aside.policies().get(p), group, episodes.get(p)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The file. */
        public List<PartFile> finish() {
            try {
                return writer == null ? List.of() : List.of(writer.finish());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static @Nullable Object[] row(Policy policy, @Nullable String group, Episode episode) {
        var figures = EpisodeFigures.of(episode);
        return new @Nullable Object[] {
            policy.name(),
            policy.run(),
            policy.step(),
            episode.id(),
            group,
            figures.length(),
            figures.isTerminated(),
            known(figures.discountedReturn()),
            known(figures.logWeight()),
            known(figures.weightedReturn()),
            known(figures.startValue()),
            known(figures.correction())
        };
    }

    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : value;
    }

    /**
     * Puts what tasks wrote in place, to be completed by {@code estimates}.
     *
     * @param policies how many rows an episode has
     */
    public void publish(List<PartFile> parts, Request request, int policies) {
        var draft = new Draft(TableName.JUDGED_EPISODES, 0, directory, parts, Optional.empty());
        publication.beside(draft, request, draft.rows() / policies);
    }

    /** Removes what was written aside and not published. */
    @Override
    public void close() {
        tables.discard(directory);
    }
}
