package io.hindcast.stage;

import io.hindcast.source.EpisodeRules.EpisodePer;
import io.hindcast.source.Format;
import io.hindcast.source.LoggedRow;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Objects;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** Brings the rows of an episode together, in order, in one partition. */
final class EpisodeOrder {
    private EpisodeOrder() {}

    static JavaRDD<LoggedRow> of(JavaRDD<LoggedRow> rows, EpisodePer per, Format format) {
        var fileIsPartition = format != Format.PARQUET;
        if (per == EpisodePer.ROW || (per != EpisodePer.COLUMN && fileIsPartition)) {
            return rows;
        }
        return rows.mapToPair(row -> new Tuple2<>(Place.of(row, per), row))
                .repartitionAndSortWithinPartitions(new ByKey(rows.getNumPartitions()))
                .values();
    }

    /** Where a row belongs: {@code key} is the episode, or the file if the file says where episodes end. */
    private record Place(String key, double step, String file, long row) implements Comparable<Place>, Serializable {
        private static final Comparator<Place> ORDER = Comparator.comparing(Place::key)
                .thenComparingDouble(Place::step)
                .thenComparing(Place::file)
                .thenComparingLong(Place::row);

        static Place of(LoggedRow row, EpisodePer per) {
            var byColumn = per == EpisodePer.COLUMN;
            var key = byColumn ? Objects.requireNonNullElse(row.episode(), "") : row.file();
            return new Place(key, byColumn && row.step() != null ? row.step() : 0, row.file(), row.row());
        }

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private static final class ByKey extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final int partitions;

        ByKey(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object place) {
            return Math.floorMod(((Place) place).key().hashCode(), partitions);
        }
    }
}
