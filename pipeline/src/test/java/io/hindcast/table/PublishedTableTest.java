package io.hindcast.table;

import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.StorePublishingContract;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;

final class PublishedTableTest extends StorePublishingContract {
    private static final SparkSession SPARK = LocalSpark.session();

    @BeforeAll
    static void know() {
        FailingFileSystem.configuration()
                .getPropsWithPrefix("fs.")
                .forEach((key, value) ->
                        SPARK.sparkContext().hadoopConfiguration().set("fs." + key, value));
    }

    @Override
    protected void publish(String root, int number) {
        var row = new @Nullable Object[] {"all", number, "all", "{}", 2L, 4L, 0.5, 0.0, 1.0, null};
        var request = new Request("curate", Map.of("number", number), List.of(), List.of());
        new Warehouse(SPARK, root).publish(TableName.SUBSET_STEPS, request, List.<@Nullable Object[]>of(row));
    }

    @Override
    protected OptionalInt published(String root) {
        var warehouse = new Warehouse(SPARK, root);
        return warehouse.latest(TableName.SUBSET_STEPS).stream()
                .mapToInt(version -> warehouse.read(version).first().getInt(1))
                .findFirst();
    }

    @Override
    protected String writtenIn() {
        return "subset_steps";
    }
}
