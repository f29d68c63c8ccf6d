package io.hindcast.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The files among the test resources. */
final class Fixtures {
    private Fixtures() {}

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(Fixtures.class.getResource("/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A file of these bytes, which goes with the JVM. */
    static Path temporary(String name, byte[] bytes) {
        try {
            var folder = Files.createTempDirectory("hindcast");
            folder.toFile().deleteOnExit();
            var file = folder.resolve(name);
            write(file, bytes);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its folders are made. */
    static void write(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of a folder among the resources in one of its own, which goes with the JVM; one of them has these bytes instead. */
    static Path temporary(String folder, String broken, byte[] bytes) {
        var from = path(folder);
        try (var files = Files.walk(from)) {
            var to = Files.createTempDirectory("hindcast");
            to.toFile().deleteOnExit();
            for (var file : files.toList()) {
                var copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
                copy.toFile().deleteOnExit();
            }
            write(to.resolve(broken), bytes);
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
