package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Unpacks the pages of a Parquet file, but for those that claim far more bytes than their packed ones could become. */
final class ParquetPages implements CompressionCodecFactory {
    /** No limit below it. */
    private static final int SMALL = 16 << 20;
    /** Twice what zlib packs zeros into. */
    private static final long GREATEST_RATIO = 2_000;

    private final String file;
    private final CompressionCodecFactory codecs;

    ParquetPages(String file, Configuration configuration) {
        this.file = file;
        codecs = new CodecFactory(configuration, 0);
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return codecs.getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        var unpacked = codecs.getDecompressor(codec);
        return new BytesInputDecompressor() {
            @Override
            public BytesInput decompress(BytesInput bytes, int size) throws IOException {
                require(bytes.size(), size);
                return unpacked.decompress(bytes, size);
            }

            @Override
            public void decompress(ByteBuffer input, int from, ByteBuffer output, int to) throws IOException {
                require(from, to);
                unpacked.decompress(input, from, output, to);
            }

            @Override
            public void release() {
                unpacked.release();
            }
        };
    }

    @Override
    public void release() {
        codecs.release();
    }

    private void require(long packed, int size) {
        if (size < 0 || (size > SMALL && size / GREATEST_RATIO > packed)) {
            throw new UserException("Cannot read " + file + ": it claims a page of " + size + " bytes packed into "
                    + packed + "; the file is damaged, copy it again, or write it in smaller pages");
        }
    }
}
