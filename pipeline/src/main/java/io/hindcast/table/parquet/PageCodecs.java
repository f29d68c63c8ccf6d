package io.hindcast.table.parquet;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Parquet's codecs, but for zstd, whose pages are decompressed by one call each: Parquet's own way makes a stream a page and
 * copies what comes out of it twice.
 */
final class PageCodecs implements CompressionCodecFactory {
    private final CodecFactory others;

    PageCodecs(Configuration hadoop) {
        others = new CodecFactory(hadoop, 0);
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return others.getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD ? new ZstdDecompressor() : others.getDecompressor(codec);
    }

    @Override
    public void release() {
        others.release();
    }

    private static final class ZstdDecompressor implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int size) throws IOException {
            var page = new byte[size];
            decompress(bytes.toInputStream().slice((int) bytes.size()), page);
            return BytesInput.from(page);
        }

        @Override
        public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int size) throws IOException {
            var page = new byte[size];
            decompress(input.slice(input.position(), compressedSize), page);
            input.position(input.position() + compressedSize);
            output.put(page);
        }

        private static void decompress(ByteBuffer bytes, byte[] page) throws IOException {
            var onHeap = bytes.hasArray()
                    ? bytes
                    : ByteBuffer.allocate(bytes.remaining())
                            .put(bytes.duplicate())
                            .flip();
            var size = Zstd.decompressByteArray(
                    page, 0, page.length, onHeap.array(), onHeap.arrayOffset() + onHeap.position(), onHeap.remaining());
            if (size != page.length) {
                throw new IOException("a page of " + page.length + " bytes is not what zstd wrote: "
                        + (Zstd.isError(size) ? Zstd.getErrorName(size) : "it has " + size));
            }
        }

        @Override
        public void release() {}
    }
}
