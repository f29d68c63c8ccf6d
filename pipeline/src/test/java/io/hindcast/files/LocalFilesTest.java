package io.hindcast.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"022", "077", "002"})
    void filesAndFoldersHaveThePermissionsThatHadoopGivesThem(String umask) throws IOException {
        var configuration = new Configuration();
        configuration.set("fs.permissions.umask-mode", umask);
        var hadoop = write(FileContext.getFileContext(path("hadoop").toUri(), configuration), "hadoop");
        var ours = write(LocalFiles.context(path("ours"), configuration), "ours");
        assertThat(ours).isEqualTo(hadoop);
    }

    @Test
    void aBitThatOnlyChmodCanSetIsSet() throws IOException {
        var files = LocalFiles.context(path("f"), new Configuration());
        files.mkdir(path("f"), FsPermission.getDirDefault(), true);
        files.setPermission(path("f"), new FsPermission((short) 01755));
        assertThat((int) Files.getAttribute(folder.resolve("f"), "unix:mode") & 07777)
                .isEqualTo(01755);
    }

    @Test
    void whatEitherWritesTheOtherReads() throws IOException {
        var hadoop = FileContext.getFileContext(path("f").toUri(), new Configuration());
        var ours = LocalFiles.context(path("f"), new Configuration());
        write(ours, "ours");
        write(hadoop, "hadoop");
        assertThat(read(hadoop, "ours")).isEqualTo("text").isEqualTo(read(ours, "hadoop"));
    }

    @Test
    void anotherFileSystemOfTheUsersIsLeftAlone() throws IOException {
        var configuration = new Configuration();
        configuration.set("fs.AbstractFileSystem.file.impl", "org.apache.hadoop.fs.local.RawLocalFs");
        write(LocalFiles.context(path("f"), configuration), "raw");
        assertThat(folder.resolve("raw/.file.crc")).doesNotExist();
    }

    private String write(FileContext files, String name) throws IOException {
        files.mkdir(path(name), FsPermission.getDirDefault(), true);
        try (var out = files.create(path(name + "/file"), EnumSet.of(CreateFlag.CREATE))) {
            out.write("text".getBytes(StandardCharsets.UTF_8));
        }
        files.mkdir(path(name + "/closed"), new FsPermission((short) 0700), true);
        var permissions = new StringBuilder();
        for (var written : new String[] {name, name + "/file", name + "/closed"}) {
            var path = folder.resolve(written);
            permissions.append(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        }
        return permissions.toString();
    }

    private String read(FileContext files, String name) throws IOException {
        try (var in = files.open(path(name + "/file"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private org.apache.hadoop.fs.Path path(String name) {
        return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
    }
}
