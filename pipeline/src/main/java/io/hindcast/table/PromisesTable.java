package io.hindcast.table;

import io.hindcast.promote.KeptPromise;
import io.hindcast.promote.Promotion;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The table of what champions were promised to earn, and did. */
public final class PromisesTable {
    private PromisesTable() {}

    /** The rows to publish. */
    public static List<@Nullable Object[]> rows(List<KeptPromise> promises) {
        return promises.stream()
                .map(promise -> new @Nullable Object[] {
                    promise.version(),
                    promise.policy(),
                    promise.since(),
                    promise.part(),
                    promise.promised().estimator(),
                    promise.promised().value(),
                    promise.promised().low(),
                    promise.promised().high(),
                    promise.episodes(),
                    promise.realised(),
                    promise.realisedLow(),
                    promise.realisedHigh(),
                    promise.isKept()
                })
                .toList();
    }

    /** What was published with estimates. */
    public static List<KeptPromise> promises(Warehouse warehouse, TableVersion version) {
        return TableRows.of(warehouse, version).stream()
                .map(PromisesTable::promise)
                .toList();
    }

    private static KeptPromise promise(Row row) {
        return new KeptPromise(
                row.<Integer>getAs("version"),
                row.getAs("policy"),
                row.getAs("since"),
                row.<@Nullable String>getAs("part"),
                new Promotion.Promise(
                        row.getAs("promised_estimator"),
                        row.<@Nullable Double>getAs("promised_value"),
                        row.<@Nullable Double>getAs("promised_low"),
                        row.<@Nullable Double>getAs("promised_high")),
                row.<Long>getAs("episodes"),
                row.<@Nullable Double>getAs("realised"),
                row.<@Nullable Double>getAs("realised_low"),
                row.<@Nullable Double>getAs("realised_high"));
    }
}
