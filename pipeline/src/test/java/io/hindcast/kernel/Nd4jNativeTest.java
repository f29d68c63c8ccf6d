package io.hindcast.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.hindcast.config.UserException;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Nd4jNativeTest {
    @TempDir
    Path directory;

    @Test
    void whatIsPackedIsUnpackedOnceUnderItsOwnName() throws Exception {
        var packed = packed("the library");

        var library = Nd4jNative.unpacked(packed, directory.resolve("cache"));
        assertThat(library).hasFileName("libx.so").hasContent("the library");

        // Not unpacked again.
        Files.writeString(library, "seen before");
        assertThat(Nd4jNative.unpacked(packed, directory.resolve("cache")))
                .isEqualTo(library)
                .hasContent("seen before");
    }

    @Test
    void anotherBuildsLibraryHasAFolderOfItsOwn() throws Exception {
        var first = Nd4jNative.unpacked(packed("the library"), directory.resolve("cache"));
        var second = Nd4jNative.unpacked(packed("a newer one"), directory.resolve("cache"));
        assertThat(first).hasContent("the library");
        assertThat(second).hasContent("a newer one");
    }

    @Test
    void aDamagedOneLeavesNothingBehind() throws Exception {
        var file = Path.of(packed("the library, which is long enough").toURI());
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1; // of the checksum
        Files.write(file, bytes);

        var cache = directory.resolve("cache");
        assertThatThrownBy(() -> Nd4jNative.unpacked(file.toUri().toURL(), cache))
                .isInstanceOf(IOException.class);
        try (var left = Files.walk(cache)) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void whatAKilledOneLeftIsRemovedAndWhatAnotherWritesNowIsNot() throws Exception {
        var packed = packed("the library");
        var cache = directory.resolve("cache");
        var library = Nd4jNative.unpacked(packed, cache);
        var left = Files.writeString(library.resolveSibling("libx.so.1.making"), "the li");
        var now = Files.writeString(library.resolveSibling("libx.so.2.making"), "the li");
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofMinutes(20))));

        // It is there already: of those that look for it, each clears away.
        Nd4jNative.unpacked(packed, cache);
        assertThat(left).doesNotExist();
        assertThat(now).exists();
    }

    @Test
    void othersMayReadItAsAnyFileOfThisUser() throws Exception {
        var library = Nd4jNative.unpacked(packed("the library"), directory.resolve("cache"));
        var any = Files.writeString(directory.resolve("any"), "");
        assertThat(Files.getPosixFilePermissions(library)).isEqualTo(Files.getPosixFilePermissions(any));
    }

    @Test
    void aPlaceWhereItCannotBeUnpackedIsRefused() throws Exception {
        var cache = Files.writeString(directory.resolve("file"), "").resolve("cache");
        var packed = packed("the library");
        assertThatThrownBy(() -> Nd4jNative.orRefused(packed, cache))
                .isInstanceOf(UserException.class)
                .hasMessageMatching(
                        "Cannot unpack ND4J's native library into " + cache + ": [^;]*Not a directory; it needs 330 MB"
                                + " there, make room or choose another place \\(JAVA_TOOL_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=DIR\\)");
    }

    private URL packed(String content) throws IOException {
        var file = directory.resolve("libx.so.zst");
        try (var out = new ZstdOutputStream(Files.newOutputStream(file)).setChecksum(true)) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return file.toUri().toURL();
    }
}
