package io.hindcast.table.parquet;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.codec.ZstandardCodec;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * Parquet's codecs, but for zstd, whose pages are compressed and decompressed by one call each: Parquet's own way makes a stream a
 * page and copies what comes out of it twice.
 */
final class PageCodecs implements CompressionCodecFactory {
    // Chosen by measurement, see data-schema/README.md.
    private static final int ZSTD_LEVEL = 1;

    private final Configuration hadoop;
    private final CodecFactory others;
    /** For all pages: to make one takes as long as to decompress a small page. */
    private @Nullable ZstdDecompressCtx context;

    PageCodecs(Configuration hadoop) {
        this.hadoop = hadoop;
        others = new CodecFactory(hadoop, 0);
    }

    /** One whose results stay as they are; to be released. */
    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD
                ? new ZstdCompressor(hadoop.getInt(ZstandardCodec.PARQUET_COMPRESS_ZSTD_LEVEL, ZSTD_LEVEL))
                : others.getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return codec == CompressionCodecName.ZSTD ? new ZstdDecompressor(context()) : others.getDecompressor(codec);
    }

    @Override
    public void release() {
        others.release();
        if (context != null) {
            context.close();
            context = null;
        }
    }

    private ZstdDecompressCtx context() {
        if (context == null) {
            context = new ZstdDecompressCtx();
        }
        return context;
    }

    private static final class ZstdCompressor implements BytesInputCompressor {
        private final ZstdCompressCtx context;
        private byte[] buffer = new byte[0];

        ZstdCompressor(int level) {
            context = new ZstdCompressCtx().setLevel(level);
        }

        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            var bytes = page.toInputStream().slice(Math.toIntExact(page.size()));
            var most = Math.toIntExact(Zstd.compressBound(bytes.remaining()));
            buffer = buffer.length < most ? new byte[most] : buffer;
            var size = context.compressByteArray(
                    buffer, 0, buffer.length, bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            return BytesInput.from(Arrays.copyOf(buffer, size));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public void release() {
            context.close();
        }
    }

    private static final class ZstdDecompressor implements BytesInputDecompressor {
        private final ZstdDecompressCtx context;

        ZstdDecompressor(ZstdDecompressCtx context) {
            this.context = context;
        }

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

        private void decompress(ByteBuffer bytes, byte[] page) throws IOException {
            var onHeap = bytes.hasArray()
                    ? bytes
                    : ByteBuffer.allocate(bytes.remaining())
                            .put(bytes.duplicate())
                            .flip();
            var start = onHeap.arrayOffset() + onHeap.position();
            try {
                var size = context.decompressByteArray(page, 0, page.length, onHeap.array(), start, onHeap.remaining());
                if (size != page.length) {
                    throw new IOException("a page of " + page.length + " bytes is not what zstd wrote: it has " + size);
                }
            } catch (ZstdException e) {
                throw new IOException(
                        "a page of " + page.length + " bytes is not what zstd wrote: " + e.getMessage(), e);
            }
        }

        @Override
        public void release() {}
    }
}
