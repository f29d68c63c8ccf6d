package io.hindcast.source;

import com.github.luben.zstd.ZstdInputStream;
import io.hindcast.config.Secrets;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.files.Place;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.jspecify.annotations.Nullable;

/**
 * A foreign file, on any Hadoop file system.
 *
 * @param name its name without the directory; of a file in a folder of an input, with that folder, and with as many more as
 *     tell it from others
 * @param path where it is
 * @param bytes its length
 */
public record InputFile(String name, String path, long bytes) implements Serializable {
    /**
     * Its bytes, decompressed if its name says that they are compressed.
     *
     * @throws UserException if it cannot be opened
     */
    public InputStream open(Configuration configuration) {
        try {
            var file = new Path(path);
            InputStream in = Place.files(file, configuration).open(file);
            if (Magic.packing(name) == Magic.ZSTD) {
                return new ZstdInputStream(in); // Hadoop's own needs a native library
            }
            var codec = new CompressionCodecFactory(configuration).getCodec(file);
            return codec == null ? in : codec.createInputStream(in);
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    /** What tells it from a file of the same name that lies elsewhere: some digits of the SHA-256 of its path without a password. */
    public String place() {
        return Sha256.of(Secrets.hideUser(path)).substring(0, 16);
    }

    /** The name of the folder {@code levels} above it: 1 is the one that it lies in; empty if there is none. */
    String folder(int levels) {
        @Nullable Path folder = path.isEmpty() ? null : new Path(path);
        for (var i = 0; i < levels && folder != null; i++) {
            folder = folder.getParent();
        }
        return folder == null ? "" : folder.getName();
    }

    /**
     * Its bytes, to be read from any place, on any file system, without a copy.
     *
     * @throws UserException if it cannot be opened
     */
    SeekableBytes seekable(Configuration configuration) {
        try {
            var file = new Path(path);
            var in = Place.files(file, configuration).open(file);
            return new SeekableBytes() {
                @Override
                public long size() {
                    return bytes;
                }

                @Override
                public void read(long position, byte[] into, int offset, int length) throws IOException {
                    in.seek(position);
                    in.readFully(into, offset, length);
                }

                @Override
                public void close() throws IOException {
                    in.close();
                }
            };
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    /**
     * The text of a file in the same folder.
     *
     * @param most its greatest length in bytes
     * @return null if there is no such file
     * @throws UserException if it cannot be read, or is longer
     */
    @Nullable String besides(String other, int most, Configuration configuration) {
        var file = new Path(new Path(path).getParent(), other);
        try (var in = file.getFileSystem(configuration).open(file)) {
            var text = ((InputStream) in).readNBytes(most + 1);
            if (text.length > most) {
                throw new UserException("Cannot read " + file + ": it has more than " + most
                        + " bytes; check that it belongs to " + name);
            }
            return new String(text, StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            return null;
        } catch (IOException e) {
            throw Format.damaged(other, e);
        }
    }

    /**
     * SHA-256 of its bytes, in hex.
     *
     * @throws UserException if it cannot be read, or its first bytes show that it is something else than {@code format}
     */
    public String sha256(Format format, Configuration configuration) {
        var file = new Path(path);
        if (format == Format.TORCHRL) {
            return TorchRl.sha256(this, configuration);
        }
        try (var in = Place.files(file, configuration).open(file)) {
            var head = ((InputStream) in).readNBytes(Magic.HEAD);
            Magic.require(name, head, format);
            return new Sha256().add(head).add(in).hex();
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }
}
