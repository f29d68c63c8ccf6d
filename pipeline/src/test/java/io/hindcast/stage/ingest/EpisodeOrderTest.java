package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.table.LocalSpark;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpisodeOrderTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 300})
    void sparkSendsEachBlockToItsTarget(int targets) {
        var numbers = Arrays.stream(EpisodeOrder.numbers(targets)).boxed().toList();
        var parts = LocalSpark.session()
                .createDataset(numbers, Encoders.INT())
                .selectExpr("pmod(hash(value), " + targets + ")")
                .as(Encoders.INT())
                .collectAsList();
        assertThat(parts)
                .containsExactlyElementsOf(IntStream.range(0, targets).boxed().toList());
    }
}
