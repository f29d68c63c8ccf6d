package io.hindcast.source;

import io.hindcast.config.UserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.jspecify.annotations.Nullable;

/**
 * A foreign file, on any Hadoop file system.
 *
 * @param name its name without the directory; of a file in a folder of an input, with that folder
 * @param path where it is
 * @param bytes its length
 */
public record InputFile(String name, String path, long bytes) implements Serializable {
    /**
     * The files that {@code inputs} name, sorted by name.
     *
     * @param inputs files, directories (of which all files with the format's ending are taken, and of a table format those in
     *     its folders too) or globs
     * @throws UserException if one names nothing, or two files have one name
     */
    public static List<InputFile> find(Configuration configuration, List<String> inputs, Format format) {
        var files = new ArrayList<InputFile>();
        for (var input : inputs) {
            var found = find(configuration, input, format);
            if (found.isEmpty()) {
                throw new UserException("Cannot read " + input + ": there is no such file, or no file ending in "
                        + String.join(" or ", format.suffixes()) + " in it; check input and format");
            }
            files.addAll(found);
        }
        files.sort(Comparator.comparing(InputFile::name).thenComparing(InputFile::path));
        for (var i = 1; i < files.size(); i++) {
            if (files.get(i).name().equals(files.get(i - 1).name())) {
                throw new UserException("Cannot read " + files.get(i).path() + ": another input has the same name, "
                        + files.get(i - 1).path() + "; rename one, since rows are traced by file name");
            }
        }
        return files;
    }

    /**
     * Its bytes, decompressed if its name says that they are compressed.
     *
     * @throws UserException if it cannot be opened
     */
    public InputStream open(Configuration configuration) {
        try {
            var file = new Path(path);
            var in = file.getFileSystem(configuration).open(file);
            var codec = new CompressionCodecFactory(configuration).getCodec(file);
            return codec == null ? in : codec.createInputStream(in);
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    /**
     * Its bytes, to be read from any place, on any file system, without a copy.
     *
     * @throws UserException if it cannot be opened
     */
    SeekableBytes seekable(Configuration configuration) {
        try {
            var file = new Path(path);
            var in = file.getFileSystem(configuration).open(file);
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
     * @throws UserException if it cannot be read
     */
    public String sha256(Configuration configuration) {
        var file = new Path(path);
        try (var in = file.getFileSystem(configuration).open(file)) {
            return DigestUtils.sha256Hex((InputStream) in);
        } catch (IOException e) {
            throw Format.damaged(name, e);
        }
    }

    private static List<InputFile> find(Configuration configuration, String input, Format format) {
        var path = new Path(input);
        var found = new ArrayList<InputFile>();
        try {
            var files = path.getFileSystem(configuration);
            var matches = files.globStatus(path);
            for (var match : matches == null ? new FileStatus[0] : matches) {
                if (match.isFile()) {
                    found.add(of(match));
                    continue;
                }
                var main = new Path(match.getPath() + MinariHdf5.MAIN);
                if (format == Format.MINARI && files.exists(main)) {
                    found.add(ofMinari(files.getFileStatus(main)));
                    continue;
                }
                add(found, files, match.getPath(), "", format);
            }
            return found;
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw Format.damaged(input, e);
        }
    }

    private static void add(List<InputFile> found, FileSystem files, Path directory, String under, Format format)
            throws IOException {
        // What else a LeRobot dataset has beside its data is about it, and Parquet too.
        var isLeRobot = under.isEmpty() && files.exists(new Path(directory, "meta/info.json"));
        for (var status : files.listStatus(directory)) {
            var name = status.getPath().getName();
            if (status.isFile() && hasEnding(name, format)) {
                found.add(new InputFile(under + name, status.getPath().toString(), status.getLen()));
            } else if (status.isDirectory()
                    && format.isNested()
                    && !isHidden(name)
                    && (!isLeRobot || name.equals("data"))) {
                add(found, files, status.getPath(), under + name + "/", format);
            }
        }
    }

    private static boolean isHidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }

    private static boolean hasEnding(String name, Format format) {
        return !isHidden(name) && format.suffixes().stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
    }

    /** All of Minari's files have one name; that of their dataset's folder tells them apart. */
    private static InputFile ofMinari(FileStatus status) {
        var dataset = status.getPath().getParent().getParent().getName();
        return new InputFile(dataset + MinariHdf5.MAIN, status.getPath().toString(), status.getLen());
    }

    private static InputFile of(FileStatus status) {
        return new InputFile(status.getPath().getName(), status.getPath().toString(), status.getLen());
    }
}
