package io.hindcast.source;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetRecordsTest {
    private static final Configuration HADOOP = new Configuration();

    @TempDir
    Path folder;

    @Test
    void aColumnThatReachesBeyondTheFileTakesNoMemory() throws IOException {
        var bytes = Fixtures.bytes("rllib/discrete.parquet");
        var length =
                ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
        var begin = bytes.length - 8 - length;
        FileMetaData footer;
        try (var in = new java.io.ByteArrayInputStream(bytes, begin, length)) {
            footer = Util.readFileMetaData(in);
        }
        footer.getRow_groups().get(0).getColumns().get(0).getMeta_data().setTotal_compressed_size(1L << 40);
        var out = new java.io.ByteArrayOutputStream();
        out.write(bytes, 0, begin);
        Util.writeFileMetaData(footer, out);
        out.write(ByteBuffer.allocate(4)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putInt(out.size() - begin)
                .array());
        out.write("PAR1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        var file = folder.resolve("demo.parquet");
        Fixtures.write(file, out.toByteArray());

        assertThatThrownBy(() -> new ParquetRecords(
                        new InputFile("demo.parquet", file.toString(), out.size()), column -> true, HADOOP))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot read demo.parquet: it claims 1099511627776 bytes of a column from byte \\d+,"
                                + " and has \\d+; the file is damaged, copy it again");
    }

    @Test
    void aPageThatClaimsMoreThanItsBytesCouldBecomeIsRefused() {
        var pages = new ParquetPages("demo.parquet", HADOOP);
        var codec = pages.getDecompressor(CompressionCodecName.SNAPPY);
        var packed = new byte[100];
        Arrays.fill(packed, (byte) 1);

        assertThatThrownBy(() -> codec.decompress(BytesInput.from(packed), 1 << 30))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read demo.parquet: it claims a page of 1073741824 bytes packed into 100; the file is"
                                + " damaged, copy it again, or write it in smaller pages");
        pages.release();
    }
}
