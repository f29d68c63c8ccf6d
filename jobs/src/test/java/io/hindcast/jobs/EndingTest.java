package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hindcast.config.RunFailure;
import io.hindcast.config.UserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.stream.Stream;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EndingTest {
    private static final String ROOM =
            "; make room on the disks of --out and of Spark (--spark spark.local.dir=DIR), then"
                    + " run the same command again";
    private static final String RIGHTS = "; change its permissions, or run hindcast as a user who has them";
    private static final String NETWORK = "; check the address and that it is up, then run the same command again";

    static Stream<Arguments> whatIsNotOurs() {
        return Stream.of(
                arguments(
                        new UncheckedIOException(
                                "Cannot read o/transitions/v1/part-0.parquet",
                                new IOException("can not read class PageHeader")),
                        2,
                        "Cannot read o/transitions/v1/part-0.parquet: the file is damaged; put it back from a copy, or"
                                + " remove o/transitions, o/episodes and o/quarantine and run ingest or collect again"),
                arguments(
                        new UncheckedIOException(
                                "Cannot read o/transitions/v1/part-0.parquet", new IOException("Input/output error")),
                        2,
                        "Cannot go on: the disk failed (Input/output error); check the disk, then run it again"),
                arguments(
                        new UncheckedIOException(
                                "Cannot read o/transitions/v1/part-0.parquet", new IOException("Stream is closed!")),
                        1,
                        "This is a fault of hindcast or of what it runs on; the lines above say where."),
                arguments(new UserException("Cannot x: y; z"), 2, "Cannot x: y; z"),
                arguments(new IllegalStateException("Job aborted", new UserException("Cannot x")), 2, "Cannot x"),
                arguments(
                        new IllegalStateException(new RunFailure("Cannot step w: it raised")),
                        3,
                        "Cannot step w: it raised"),
                arguments(
                        FaultyFileSystem.diskError("No space left on device"),
                        2,
                        "Cannot go on: the disk is full (No space left on device)" + ROOM),
                arguments(
                        new IllegalStateException("Lost task 0.0 in stage 1.0 (TID 1): org.apache.hadoop.fs.FSError:"
                                + " java.io.IOException: No space left on device\n\tat a.b.C"),
                        2,
                        "Cannot go on: the disk is full (No space left on device)" + ROOM),
                arguments(
                        new UncheckedIOException(new IOException("Disk quota exceeded")),
                        2,
                        "Cannot go on: the quota of disk space is used up" + ROOM),
                arguments(
                        new UncheckedIOException(new AccessDeniedException("/a/b")),
                        2,
                        "Cannot go on: /a/b may not be read or written (Permission denied)" + RIGHTS),
                arguments(
                        new UncheckedIOException(new FileNotFoundException("/a b/c (Permission denied)")),
                        2,
                        "Cannot go on: /a b/c may not be read or written (Permission denied)" + RIGHTS),
                arguments(
                        new UncheckedIOException(
                                new AccessControlException("Permission denied: user=bob, access=WRITE")),
                        2,
                        "Cannot go on: it may not be read or written (Permission denied: user=bob, access=WRITE)"
                                + RIGHTS),
                arguments(
                        new ReadOnlyFileSystemException(),
                        2,
                        "Cannot go on: it is on a file system that can only be read; choose another place"),
                arguments(
                        new UncheckedIOException(new FileSystemException("/x", null, "File name too long")),
                        2,
                        "Cannot go on: the name of a file would be too long; choose shorter names"),
                arguments(
                        new UncheckedIOException(new ChecksumException("Checksum error: file:/o/x.json at 0", 0)),
                        2,
                        "Cannot go on: its bytes are not those that were written (Checksum error: file:/o/x.json at 0);"
                                + " put the file back as it was, with its .crc file, or remove both and run the job that"
                                + " wrote them again"),
                arguments(
                        new IllegalStateException(
                                new ClassNotFoundException("Class org.apache.hadoop.fs.s3a.S3AFileSystem not found")),
                        2,
                        "Cannot go on: the class org.apache.hadoop.fs.s3a.S3AFileSystem of its file system is not there; give"
                                + " Spark the jars of that file system, for example --spark"
                                + " spark.jars.packages=org.apache.hadoop:hadoop-aws:VERSION for s3a, or use another path"),
                arguments(
                        new UncheckedIOException(
                                new UnsupportedFileSystemException("No FileSystem for scheme \"foo\"")),
                        2,
                        "Cannot go on: there is no file system for foo://; use a path of this machine, or a URI that Hadoop"
                                + " knows, such as hdfs:// or s3a://"),
                arguments(
                        new UnsupportedOperationException(
                                "Not implemented by the HttpFileSystem FileSystem implementation"),
                        2,
                        "Cannot go on: HttpFileSystem can neither list nor write files; copy the files to a disk, HDFS or an"
                                + " object store first"),
                arguments(
                        new IllegalArgumentException("Can not create a Path from an empty string"),
                        2,
                        "Cannot go on: a path is empty; give one, or leave the setting out"),
                arguments(
                        new UncheckedIOException(new ConnectException("Connection refused")),
                        2,
                        "Cannot go on: nothing answers there (Connection refused)" + NETWORK),
                arguments(
                        new IllegalStateException("Job aborted: ExecutorLostFailure (executor 1 exited)\n\tat a"),
                        3,
                        "Cannot go on: Spark lost what worked for it (ExecutorLostFailure (executor 1 exited)); look at the"
                                + " logs of its executors, then run the same command again"),
                arguments(
                        new IllegalStateException("[FAILED_READ_FILE.NO_HINT] Encountered error while reading file"
                                + " file:///o/subsets/v2/part-0.parquet. SQLSTATE: KD001"),
                        2,
                        "Cannot read /o/subsets/v2/part-0.parquet: the file is damaged; put it back from a copy, or"
                                + " remove /o/subsets and /o/subset_steps and run curate again"),
                arguments(
                        new UncheckedIOException(
                                new ChecksumException("Checksum error: file:/o/runs/v1/part-0.parquet at 0", 0)),
                        2,
                        "Cannot read /o/runs/v1/part-0.parquet: the file is damaged; put it back from a copy, or remove"
                                + " /o/runs, /o/metrics and /o/evaluations and run train again (it goes on from the"
                                + " checkpoints, with nothing to train), then evaluate"),
                arguments(
                        new UncheckedIOException(
                                "Cannot read /o/metrics/v1/part-0.parquet", new IOException("it is damaged (x)")),
                        2,
                        "Cannot read /o/metrics/v1/part-0.parquet: the file is damaged; put it back from a copy, or remove"
                                + " /o/metrics and run train again (it goes on from the checkpoints, with nothing to"
                                + " train)"));
    }

    @ParameterizedTest
    @MethodSource("whatIsNotOurs")
    void whatComesFromOutsideEndsWithItsCodeAndOneLine(Throwable thrown, int code, String line) {
        assertThat(Ending.of(thrown)).isEqualTo(new Ending(code, line));
    }

    @Test
    void anErrorThatNothingOutsideExplainsIsAFault() {
        assertThat(Ending.of(new IllegalStateException("off by one")).code()).isEqualTo(1);
        assertThat(Ending.of(new StackOverflowError()).code()).isEqualTo(1);
        assertThat(Ending.of(new NullPointerException()).code()).isEqualTo(1);
    }

    @Test
    void memoryThatIsFullIsForTheUserToGive() {
        assertThat(Ending.of(new OutOfMemoryError("Java heap space")).line())
                .startsWith("Cannot go on: the memory of a task is full (Java heap space); give more");
        assertThat(Ending.of(new OutOfMemoryError("Java heap space")).code()).isEqualTo(2);
    }
}
