package io.hindcast.table;

import io.hindcast.stats.DatasetStats;
import io.hindcast.stats.Scorecard;
import io.hindcast.table.parquet.PartReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The table of dataset statistics, and that of the state they come from. */
public final class DatasetStatsTable {
    private static final double[] QUANTILES = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

    private DatasetStatsTable() {}

    /** The rows to publish: one a quantity and dimension that has values. */
    public static List<@Nullable Object[]> rows(Scorecard scorecard) {
        var rows = new ArrayList<@Nullable Object[]>();
        var sameAs = scorecard.sameAs();
        for (var described : scorecard.stats().described()) {
            var distribution = described.distribution();
            var quantiles = distribution.quantiles(QUANTILES);
            var drift = scorecard.drift();
            rows.add(new @Nullable Object[] {
                described.name(),
                described.dimension(),
                distribution.count(),
                distribution.mean(),
                distribution.standardDeviation(),
                distribution.min(),
                quantiles[0],
                quantiles[1],
                quantiles[2],
                quantiles[3],
                quantiles[4],
                quantiles[5],
                quantiles[6],
                distribution.max(),
                sameAs.get(described.name() + " " + described.dimension()),
                drift == null ? null : drift.psi(described.name(), described.dimension())
            });
        }
        return rows;
    }

    /** The rows to publish, one: the state. */
    public static List<@Nullable Object[]> rows(DatasetStats stats) {
        return List.<@Nullable Object[]>of(new @Nullable Object[] {stats.bytes()});
    }

    /** The state that a version of {@code dataset_state} holds. */
    public static DatasetStats state(Warehouse warehouse, TableVersion version) {
        warehouse.requireReadable(version);
        var file = warehouse.files(version).get(0);
        try (var part = new PartReader(warehouse.hadoop(), file, List.of("state"))) {
            part.next();
            return DatasetStats.of(Objects.requireNonNull(part.column("state").bytes()[0]));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
