package io.hindcast.table;

import io.hindcast.data.Moments;
import io.hindcast.table.parquet.PartColumn;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Moments of every entry of the observations, one task a file. */
public final class ObservationMoments {
    private ObservationMoments() {}

    /**
     * Reads the files once.
     *
     * @param files the Parquet files of a version of {@code transitions}
     * @param episodes of which episodes how many observations count, from the first; none: all of all
     * @return one an entry; empty if there are no observations
     */
    public static List<Moments> of(SparkSession spark, List<String> files, Map<String, Long> episodes) {
        var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        var chosen = context.broadcast(new HashMap<>(episodes));
        try {
            // In the order of files, so that the last digits are the same every time.
            return context
                    .parallelize(files, Math.max(1, files.size()))
                    .map(file -> of(hadoop.value(), file, chosen.value()))
                    .collect()
                    .stream()
                    .reduce(List.of(), ObservationMoments::merge);
        } finally {
            chosen.destroy();
        }
    }

    /** Entry by entry; an empty list is neutral. */
    public static List<Moments> merge(List<Moments> one, List<Moments> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        var sum = new ArrayList<Moments>();
        for (var j = 0; j < one.size(); j++) {
            sum.add(one.get(j).merge(other.get(j)));
        }
        return sum;
    }

    private static List<Moments> of(Configuration hadoop, String file, Map<String, Long> episodes) {
        var sum = List.<Moments>of();
        try (var part = new PartReader(hadoop, file, List.of("episode_id", "step", "observation"))) {
            var ids = part.column("episode_id").texts();
            var steps = part.column("step").longs();
            var observation = part.column("observation");
            var starts = new int[PartColumn.CAPACITY];
            while (part.next()) {
                var n = 0;
                for (var row = 0; row < part.rows(); row++) {
                    if (episodes.isEmpty()
                            || steps[row] < episodes.getOrDefault(Objects.requireNonNull(ids[row]), 0L)) {
                        starts[n++] = observation.start(row);
                    }
                }
                if (n > 0) {
                    sum = merge(sum, block(observation.floats(), starts, n, observation.width()));
                }
            }
            return new ArrayList<>(sum);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read observations", e);
        }
    }

    private static List<Moments> block(float[] values, int[] starts, int n, int width) {
        var block = new ArrayList<>(Collections.nCopies(width, Moments.EMPTY));
        for (var j = 0; j < width; j++) {
            var sum = 0.0;
            var min = Double.POSITIVE_INFINITY;
            var max = Double.NEGATIVE_INFINITY;
            for (var i = 0; i < n; i++) {
                var value = values[starts[i] + j];
                sum += value;
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
            var mean = sum / n;
            var squares = 0.0;
            for (var i = 0; i < n; i++) {
                var deviation = values[starts[i] + j] - mean;
                squares += deviation * deviation;
            }
            block.set(j, new Moments(n, mean, squares, min, max));
        }
        return block;
    }
}
