package io.hindcast.env;

import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.files.Publisher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;

/**
 * The folder of a user in which Python's files and environments are kept. Everything in it can be deleted; it is made anew.
 *
 * @param folder {@code $XDG_CACHE_HOME/hindcast} or {@code ~/.cache/hindcast}
 */
record PythonCache(Path folder) {
    private static final List<String> FILES = List.of("worker.py", "antmaze.py", "hammer.py");
    private static final int HASH = 12;
    private static final Object IN_THIS_JVM = new Object();

    /** That of whoever runs this. */
    static PythonCache ofUser() {
        var given = System.getenv("XDG_CACHE_HOME");
        var parent =
                given == null || given.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(given);
        return new PythonCache(parent.resolve("hindcast"));
    }

    /**
     * The folder that holds the worker and hindcast's own environments, written if it is not there.
     *
     * @throws UserException if it cannot be written
     */
    Path files() {
        var contents = new LinkedHashMap<String, String>();
        FILES.forEach(name -> contents.put(name, resource(name)));
        var files = folder.resolve("files-" + hash(contents.toString()));
        if (Files.isDirectory(files)) {
            return files;
        }
        return locked(files.getFileName().toString(), () -> {
            if (!Files.isDirectory(files)) {
                write(contents, new org.apache.hadoop.fs.Path(files.toUri()), new Configuration());
            }
            return files;
        });
    }

    /**
     * Does {@code work} while nobody else, in this process or another one, works under the same name.
     *
     * @throws UserException if the folder cannot be written
     */
    <T> T locked(String name, Supplier<T> work) {
        synchronized (IN_THIS_JVM) { // a lock on a file is one of the whole JVM
            try {
                Files.createDirectories(folder);
                try (var channel = FileChannel.open(
                                folder.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        var lock = channel.lock()) {
                    Objects.requireNonNull(lock);
                    return work.get();
                }
            } catch (IOException e) {
                throw unwritable(e);
            } catch (UncheckedIOException e) {
                throw unwritable(Objects.requireNonNull(e.getCause()));
            }
        }
    }

    /** A file that comes with hindcast. */
    static String resource(String name) {
        try (var in = PythonCache.class.getResourceAsStream("python/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Some digits that are others for another text. */
    static String hash(String text) {
        return Sha256.of(text).substring(0, HASH);
    }

    /** Writes a folder of files, unless it is there. */
    static void write(Map<String, String> contents, org.apache.hadoop.fs.Path place, Configuration configuration) {
        try {
            var publisher = new Publisher(place.getParent(), configuration);
            publisher.removeOrphans();
            var aside = publisher.aside();
            try {
                for (var content : contents.entrySet()) {
                    publisher.write(
                            new org.apache.hadoop.fs.Path(aside, content.getKey()),
                            content.getValue().getBytes(StandardCharsets.UTF_8));
                }
                publisher.putFolder(aside, place, List.copyOf(contents.keySet()));
            } finally {
                publisher.discard(aside);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FSError e) { // what Hadoop makes of a full disk
            throw new UncheckedIOException(new IOException(e));
        }
    }

    private UserException unwritable(IOException e) {
        return new UserException(
                "Cannot keep Python's files in " + folder + ": " + e
                        + "; set XDG_CACHE_HOME to a folder that can be written",
                e);
    }
}
