package io.hindcast.table.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassingWriterTest {
    private static final StructType TEXTS =
            new StructType().add("text", DataTypes.StringType).add("other", DataTypes.StringType);

    @TempDir
    Path directory;

    @Test
    void longTextsEndAPageLongBeforeItHasAllTheRowsThatItCould() throws IOException {
        var row = new GenericInternalRow(new Object[] {UTF8String.fromString("x".repeat(1 << 20)), null});
        try (var writer =
                new PassingWriter(TEXTS, new StructType(), directory.toString(), "a.parquet", new Configuration())) {
            while (!writer.isFull()) {
                writer.pass(row, 1, 2);
            }
            assertThat(writer.waiting()).isEqualTo(16);
            writer.endPage();
            writer.pass(row, 1, 2);
            assertThat(writer.isFull()).isFalse();
            assertThat(writer.finish().rows()).isEqualTo(17);
        }
    }
}
