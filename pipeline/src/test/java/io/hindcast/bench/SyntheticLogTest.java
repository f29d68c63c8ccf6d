package io.hindcast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.table.LocalSpark;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyntheticLogTest {
    @TempDir
    Path directory;

    @Test
    void everyStepOfEveryEpisodeStandsInTheLogOnceAndNotInOrder() {
        var spark = LocalSpark.session();
        var log = directory.resolve("log").toString();
        SyntheticLog.write(spark, 2000, log);
        var rows = spark.read().parquet(log).collectAsList();
        var places = rows.stream()
                .map(row -> row.<String>getAs("episode") + ":" + row.<Long>getAs("step"))
                .toList();
        assertThat(places)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 2000)
                        .mapToObj(place -> "episode-" + place / 200 + ":" + place % 200)
                        .toList());
        assertThat(places.get(1)).isNotEqualTo("episode-0:1");
        assertThat(rows)
                .allMatch(row -> row.getList(row.fieldIndex("observation")).size() == 16);
        assertThat(rows.stream().filter(row -> row.<Boolean>getAs("truncated"))).hasSize(10);
    }

    @Test
    void sparkAloneKeepsTheRowsAndBringsEpisodesIntoOrder() {
        var spark = LocalSpark.session();
        var log = directory.resolve("log").toString();
        var sorted = directory.resolve("sorted").toString();
        SyntheticLog.write(spark, 1000, log);
        SyntheticLog.sort(spark, 1000, log, sorted);
        var rows = spark.read().parquet(sorted);
        assertThat(rows.count()).isEqualTo(1000);
        assertThat(rows.where("episode = 'episode-3'").collectAsList())
                .extracting(row -> row.<Long>getAs("step"))
                .isSorted()
                .hasSize(200);
    }

    @Test
    void aStrideGoesThroughAllRows() {
        assertThat(LongStream.range(0, 12).map(i -> i * SyntheticLog.stride(12) % 12))
                .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    }
}
