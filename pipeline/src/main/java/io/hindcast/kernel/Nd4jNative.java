package io.hindcast.kernel;

import com.github.luben.zstd.ZstdInputStream;
import io.hindcast.config.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

    private static boolean loaded;

    private Nd4jNative() {}

    /**
     * Has to be called before anything of ND4J that computes. Does nothing where the library is not packed: in tests, and in jars
     * for systems other than Linux.
     *
     * @throws UncheckedIOException if it cannot be unpacked
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
            return unpacked(packed, Loader.getCacheDir().toPath());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot unpack ND4J's native library: " + e.getMessage()
                            + "; it needs 330 MB in JavaCPP's cache, which -Dorg.bytedeco.javacpp.cachedir moves",
                    e);
        }
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
        if (Files.exists(library)) {
            return library;
        }
        Files.createDirectories(folder);
        var making = Files.createTempFile(folder, library.getFileName().toString(), ".making");
        try {
            // Its frame ends with a checksum of what it holds.
            try (var in = new ZstdInputStream(packed.openStream());
                    var out = Files.newOutputStream(making)) {
                in.transferTo(out);
            }
            Files.move(making, library, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(making);
        }
        return library;
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
