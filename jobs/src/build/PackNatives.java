import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Part of the build: puts ND4J's native library into a jar in the form that io.hindcast.kernel.Nd4jNative unpacks. Deflate, which
 * is all that a jar knows, makes 90 MB of its 323 MB and Zstandard with a long memory 39.
 *
 * <p>Arguments: the jar, the time of new entries, and the class path, in one of whose jars the library stands. Where none has it
 * for Linux, the jar stays as it is.
 */
public final class PackNatives {
    private static final Path FOLDER = Path.of("/org/nd4j/linalg/cpu/nativecpu/bindings");
    private static final List<String> PLATFORMS = List.of("linux-x86_64", "linux-arm64");
    private static final String NAME = "libnd4jcpu.so";

    public static void main(String[] arguments) throws IOException {
        var time = FileTime.from(Instant.parse(arguments[1]));
        // The other entries are copied as they are.
        try (var jar = FileSystems.newFileSystem(Path.of(arguments[0]), Map.of())) {
            for (var part : arguments[2].split(java.io.File.pathSeparator)) {
                if (part.endsWith(".jar") && part.contains("nd4j-native")) {
                    try (var from = FileSystems.newFileSystem(Path.of(part), Map.of())) {
                        for (var platform : PLATFORMS) {
                            pack(from, jar, FOLDER.resolve(platform).resolve(NAME).toString(), time);
                        }
                    }
                }
            }
        }
    }

    private static void pack(FileSystem from, FileSystem jar, String name, FileTime time) throws IOException {
        var library = from.getPath(name);
        if (!Files.exists(library)) {
            return;
        }
        var packed = jar.getPath(name + ".zst");
        Files.createDirectories(packed.getParent());
        try (var in = Files.newInputStream(library);
                var out = new ZstdOutputStream(Files.newOutputStream(packed), 9)) {
            out.setLong(27); // the longest memory that is unpacked without being asked for it: 128 MB
            out.setWorkers(Runtime.getRuntime().availableProcessors());
            out.setChecksum(true);
            in.transferTo(out);
        }
        Files.setLastModifiedTime(packed, time);
        System.out.println(name + ": " + Files.size(library) / 1_000_000 + " MB packed to " + Files.size(packed) / 1_000_000 + " MB");
    }
}
