package io.hindcast.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherTest {
    private static final byte[] BYTES = "whole".getBytes(StandardCharsets.UTF_8);

    @TempDir
    java.nio.file.Path folder;

    @Test
    void aFileThatIsLostInARenameIsWrittenAnew() throws IOException {
        Losing.losses.set(2);
        var configuration = new Configuration();
        configuration.set("fs.AbstractFileSystem.losing.impl", Losing.Context.class.getName());
        var run = new Path("losing://" + folder + "/run");

        new Publisher(run, configuration).put(new Path(run, "step/state"), BYTES);

        assertThat(Losing.losses).hasValue(0);
        assertThat(folder.resolve("run/step/state")).hasBinaryContent(BYTES);
        assertThat(names(folder.resolve("run"))).containsExactly("step");
    }

    @Test
    void aFileSystemOfWhichHadoopKnowsOnlyTheOlderInterfaceWillDo() throws IOException {
        var configuration = new Configuration();
        configuration.setClass("fs.older.impl", Older.class, FileSystem.class);
        var run = new Path("older:" + folder + "/run");
        var publisher = new Publisher(run, configuration);

        publisher.put(new Path(run, "step/state"), "old".getBytes(StandardCharsets.UTF_8));
        publisher.put(new Path(run, "step/state"), BYTES);
        var aside = publisher.aside();
        publisher.write(new Path(aside, "file"), BYTES);
        assertThat(publisher.putFolder(aside, new Path(run, "table"), List.of("file")))
                .isTrue();
        publisher.removeOrphans();

        assertThat(folder.resolve("run/step/state")).hasBinaryContent(BYTES);
        assertThat(folder.resolve("run/table/file")).hasBinaryContent(BYTES);
        assertThat(names(folder.resolve("run"))).containsExactly("step", "table");
    }

    @Test
    void aSchemeOfWhichHadoopKnowsNothingIsNamed() {
        assertThatThrownBy(() -> new Publisher(new Path("newer:" + folder), new Configuration()))
                .hasMessageContaining("No AbstractFileSystem configured for scheme: newer");
    }

    @Test
    void manyWritersOfOneFileAllSucceedAndNothingElseIsLeft() throws Exception {
        var publisher = new Publisher(path("run"), new Configuration());
        var threads = Executors.newFixedThreadPool(4);
        try {
            for (var round = 0; round < 50; round++) {
                // One of them writes something else, as the seconds of two attempts are never the same.
                var writers = IntStream.range(0, 4)
                        .<Callable<Boolean>>mapToObj(writer -> () -> {
                            publisher.put(
                                    path("run/step/file"), ("text " + writer / 3).getBytes(StandardCharsets.UTF_8));
                            return true;
                        })
                        .toList();
                for (var done : threads.invokeAll(writers)) {
                    assertThat(done.get()).isTrue();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(names(folder.resolve("run"))).containsExactly("step");
        assertThat(names(folder.resolve("run/step"))).containsExactly("file");
    }

    @Test
    void noChecksumFileIsWrittenAndThoseOfAnEarlierHindcastGoWithTheirFiles() throws IOException {
        var hadoop = FileContext.getFileContext(path("").toUri(), new Configuration());
        var hadoops = new Publisher(path("run"), new Configuration(), hadoop);
        hadoops.put(path("run/step/state"), "old".getBytes(StandardCharsets.UTF_8));
        assertThat(folder.resolve("run/step/.state.crc")).exists();
        var files = LocalFiles.context(path("run"), new Configuration());
        var ours = new Publisher(path("run"), new Configuration());
        assertThat(new String(ours.bytes(path("run/step/state")), StandardCharsets.UTF_8))
                .isEqualTo("old");

        ours.put(path("run/step/state"), BYTES);
        assertThat(names(folder.resolve("run/step"))).containsExactly("state");
        // Hadoop itself reads what has no checksums.
        assertThat(hadoops.bytes(path("run/step/state"))).isEqualTo(BYTES);

        hadoops.put(path("run/step/other"), BYTES);
        files.delete(path("run/step/other"), false);
        assertThat(names(folder.resolve("run/step"))).containsExactly("state");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedWithTheChecksumsBesideIt() throws IOException {
        var host = ProcessMark.ofThisProcess(".tmp-").host();
        var dead = ".tmp-" + host + "-0-5-" + "a".repeat(32);
        var elsewhere = ".tmp-elsewhere-0-5-" + "a".repeat(32);
        for (var name : List.of(dead, "." + dead + ".crc", elsewhere, "." + elsewhere + ".crc")) {
            Files.writeString(folder.resolve(name), "half");
        }
        new Publisher(path(""), new Configuration()).removeOrphans();
        assertThat(names(folder)).containsExactly("." + elsewhere + ".crc", elsewhere);
    }

    @Test
    void whatAnotherMachineHasJustBegunToWriteIsNotTakenForOldWhereFoldersHaveNoTime() throws IOException {
        var host = "elsewhere-0-5-";
        var empty = Files.createDirectory(folder.resolve(".tmp-" + host + "a".repeat(32)));
        var old = Files.createDirectory(folder.resolve(".tmp-" + host + "b".repeat(32)));
        Files.writeString(old.resolve("file"), "half");
        Files.setLastModifiedTime(
                old.resolve("file"), FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        new Publisher(new Path("bucket://" + folder), FailingFileSystem.configuration()).removeOrphans();
        assertThat(names(folder)).containsExactly(empty.getFileName().toString());
    }

    private Path path(String name) {
        return new Path(folder.resolve(name).toUri());
    }

    private static List<String> names(java.nio.file.Path of) throws IOException {
        try (var files = Files.list(of)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** A file system without a class for a FileContext. */
    public static final class Older extends RawLocalFileSystem {
        private boolean isInitialised;

        @Override
        public void initialize(URI uri, Configuration configuration) throws IOException {
            assertThat(isInitialised).as("has users already").isFalse();
            isInitialised = true;
            super.initialize(uri, configuration);
        }

        @Override
        public URI getUri() {
            return URI.create("older:///");
        }
    }

    /** A file system that loses what it renames, so often. */
    public static final class Losing extends RawLocalFileSystem {
        static final AtomicInteger losses = new AtomicInteger();

        @Override
        public URI getUri() {
            return URI.create("losing:///");
        }

        @Override
        public boolean rename(Path from, Path to) throws IOException {
            if (losses.get() > 0) {
                losses.decrementAndGet();
                super.rename(
                        from,
                        new Path(from.getParent().getParent(), UUID.randomUUID().toString()));
                throw new IOException("lost");
            }
            return super.rename(from, to);
        }

        /** For a FileContext. */
        public static final class Context extends DelegateToFileSystem {
            public Context(URI uri, Configuration configuration) throws IOException, URISyntaxException {
                super(URI.create("losing:///"), new Losing(), configuration, "losing", false);
            }
        }
    }
}
