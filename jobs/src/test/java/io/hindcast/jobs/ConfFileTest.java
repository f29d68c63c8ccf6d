package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindcast.config.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfFileTest {
    @TempDir
    Path directory;

    @Test
    void anIncludeCountsFromTheFolderOfItsFileWithItsEndingOrWithout() throws IOException {
        Files.createDirectories(directory.resolve("sub"));
        file("base.conf", "a = 1, b = 1");
        file("sub/other.conf", "c = 3, include \"../base\"");
        var main = file(
                "main.conf",
                "include \"sub/other.conf\"\nb = 2\ninclude file(\"" + directory.resolve("d.json") + "\")");
        file("d.json", "{\"d\": 4}");

        var config = ConfFile.read(main);

        assertThat(config.getInt("a")).isEqualTo(1);
        assertThat(config.getInt("b")).isEqualTo(2);
        assertThat(config.getInt("c")).isEqualTo(3);
        assertThat(config.getInt("d")).isEqualTo(4);
    }

    @Test
    void anIncludedFileThatIsNotThereIsAMistake() throws IOException {
        var main = file("main.conf", "include \"typo\"\n");
        assertThatThrownBy(() -> ConfFile.read(main))
                .isInstanceOf(UserException.class)
                .hasMessage("Cannot read the configuration " + main + ": it includes \"typo\", and there is no file "
                        + directory.resolve("typo")
                        + "; mend the path, which counts from the folder of the file that includes"
                        + " it, or leave the line out");
        assertThatThrownBy(() -> ConfFile.parse("--set", "v = { include required(\"no-such-file\") }"))
                .hasMessageContaining("configuration in --set: it includes \"no-such-file\", and there is no file");
    }

    @Test
    void addressesAndTheClassPathAreNotIncluded() throws IOException {
        var url = file("url.conf", "include url(\"http://user:secret@127.0.0.1:9/x.conf\")\n");
        assertThatThrownBy(() -> ConfFile.read(url))
                .isInstanceOf(UserException.class)
                .hasMessage(
                        "Cannot read the configuration " + url + ": it includes url(\"http:…\"), and only files can be"
                                + " included; copy that into a file and include its path");
        var resource = file("resource.conf", "include classpath(\"reference.conf\")\n");
        assertThatThrownBy(() -> ConfFile.read(resource))
                .hasMessageContaining("it includes classpath(\"reference.conf\")");
        assertThatThrownBy(() -> ConfFile.parse("--set", "v = { include url(\"http://127.0.0.1:9/\") }"))
                .hasMessageContaining("only files can be included");
        var plain = file("plain.conf", "include \"http://127.0.0.1:9/x.conf\"\n");
        assertThatThrownBy(() -> ConfFile.read(plain)).isInstanceOf(UserException.class);
    }

    @Test
    void aFileThatIncludesItselfIsAMistake() throws IOException {
        var main = file("main.conf", "include \"main.conf\"\n");
        assertThatThrownBy(() -> ConfFile.read(main))
                .hasMessage("Cannot read the configuration " + main
                        + ": files include each other more than 50 levels deep; look for one that includes itself");
    }

    @Test
    void bracketsAndKeysAreBoundedInDepthOutsideOfQuotesAndComments() throws IOException {
        var deepest = file("a.conf", "a = " + "[".repeat(50) + "]".repeat(50));
        assertThat(ConfFile.read(deepest).getList("a")).hasSize(1);
        var quoted = file(
                "q.conf",
                "a = \"" + "[".repeat(60) + "\" # " + "{".repeat(60) + "\nb = \"\"\"" + "[".repeat(60) + "\"\"\" // "
                        + "[".repeat(60) + "\nc = 1");
        assertThat(ConfFile.read(quoted).getInt("c")).isEqualTo(1);

        var deeper = file("b.conf", "a = " + "[".repeat(51) + "]".repeat(51));
        assertThatThrownBy(() -> ConfFile.read(deeper))
                .hasMessage("Cannot read the configuration " + deeper
                        + ": brackets are nested more than 50 levels deep; write it flatter");
        var dotted = file("c.conf", "a" + ".a".repeat(51) + " = 1");
        assertThatThrownBy(() -> ConfFile.read(dotted))
                .hasMessage("Cannot read the configuration " + dotted
                        + ": a key is more than 50 levels deep; write it flatter");
    }

    @Test
    void aFileIsBoundedInLength() throws IOException {
        var longest = file("a.conf", "a = 1 #" + "x".repeat((1 << 20) - 7));
        assertThat(ConfFile.read(longest).getInt("a")).isEqualTo(1);
        var longer = file("b.conf", "a = 1 #" + "x".repeat((1 << 20) - 6));
        assertThatThrownBy(() -> ConfFile.read(longer))
                .hasMessage(
                        "Cannot read the configuration " + longer
                                + ": it has more than 1048576 bytes; write less, for example a sweep instead of each of its runs");
    }

    @Test
    void aFileThatIsNoUtf8IsRefusedWithTheByte() throws IOException {
        var latin = directory.resolve("latin.conf");
        Files.write(latin, "title = größe".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ConfFile.read(latin))
                .hasMessage("Cannot read the configuration " + latin
                        + ": it is no UTF-8 (byte 10 is 0xf6); save it as UTF-8");
        assertThat(ConfFile.read(file("utf8.conf", "title = größe")).getString("title"))
                .isEqualTo("größe");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
