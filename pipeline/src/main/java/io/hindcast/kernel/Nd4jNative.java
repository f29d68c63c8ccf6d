package io.hindcast.kernel;

import com.github.luben.zstd.ZstdInputStream;
import io.hindcast.config.Outside;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/**
 * ND4J's native library, which hindcast.jar holds packed: 39 MB in place of 90. It is unpacked once, into JavaCPP's cache, and
 * loaded from there under the name by which ND4J asks JavaCPP for it.
 */
public final class Nd4jNative {
    private static final String NAME = "nd4jcpu";
    /** Beside ND4J's classes, where JavaCPP would find it if it were not packed. */
    private static final String PACKED = "%s/lib" + NAME + ".so.zst";

    private static final String MAKING = ".making";
    /** Longer than unpacking takes anywhere. */
    private static final Duration ABANDONED = Duration.ofMinutes(15);

    private static boolean loaded;

    private Nd4jNative() {}

    /**
     * Has to be called before anything of ND4J that computes. Does nothing where the library is not packed: in tests, and in jars
     * for systems other than Linux.
     *
     * @throws UserException if it cannot be unpacked
     */
    public static synchronized void load() {
        if (loaded) {
            return;
        }
        var packed = Nd4jCpu.class.getResource(PACKED.formatted(Loader.getPlatform()));
        if (packed != null) {
            var library = unpacked(packed);
            // What it needs itself.
            Loader.load(openblas.class);
            var properties = Loader.loadProperties(Nd4jCpu.class, Loader.loadProperties(), true);
            var threads = Loader.findLibrary(Nd4jCpu.class, properties, "gomp@.1");
            if (threads.length > 0) {
                Loader.loadLibrary(Nd4jCpu.class, threads, "gomp@.1");
            }
            Loader.loadLibrary(Nd4jCpu.class, new URL[] {url(library)}, NAME);
        }
        loaded = true;
    }

    private static Path unpacked(URL packed) {
        try {
            return orRefused(packed, Loader.getCacheDir().toPath());
        } catch (IOException e) {
            throw refused("JavaCPP's cache", e);
        }
    }

    /** @throws UserException if there is no room, or nothing may be written there */
    static Path orRefused(URL packed, Path cache) {
        try {
            return unpacked(packed, cache);
        } catch (IOException e) {
            throw refused(cache.toString(), e);
        }
    }

    private static UserException refused(String place, IOException e) {
        return new UserException(
                "Cannot unpack ND4J's native library into " + place + ": " + Outside.reason(e)
                        + "; it needs 330 MB there, make room or choose another place"
                        + " (JAVA_TOOL_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=DIR)",
                e);
    }

    /** The file below {@code cache} with what is packed there, made if it is not there yet: whole or absent. */
    static Path unpacked(URL packed, Path cache) throws IOException {
        String content;
        try (var in = packed.openStream()) {
            content = new Sha256().add(in).hex();
        }
        var name = Path.of(packed.getPath()).getFileName().toString();
        var folder = cache.resolve("hindcast-" + content.substring(0, 16));
        var library = folder.resolve(name.substring(0, name.lastIndexOf('.')));
        Files.createDirectories(folder);
        removeAbandoned(folder);
        if (Files.exists(library)) {
            return library;
        }
        // Not a temporary file of Java's, which nobody else could read where users share a cache.
        var making = folder.resolve(library.getFileName() + "." + UUID.randomUUID() + MAKING);
        try {
            // Its frame ends with a checksum of what it holds.
            try (var in = new ZstdInputStream(packed.openStream());
                    var out = Files.newOutputStream(making, StandardOpenOption.CREATE_NEW)) {
                in.transferTo(out);
            }
            Files.move(making, library, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(making);
        }
        return library;
    }

    /** What JVMs left that were killed while they unpacked. */
    private static void removeAbandoned(Path folder) throws IOException {
        var old = Instant.now().minus(ABANDONED);
        try (var files = Files.newDirectoryStream(folder, "*" + MAKING)) {
            for (var file : files) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(old)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (FileSystemException e) {
            // Another process is done with it, or it is another user's.
        }
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
