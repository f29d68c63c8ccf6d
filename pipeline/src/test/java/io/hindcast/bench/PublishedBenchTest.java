package io.hindcast.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.FailingFileSystem.Fault;
import io.hindcast.files.PublishingContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

final class PublishedBenchTest extends PublishingContract {
    @Override
    protected void publish(String root, int number) throws IOException {
        new BenchFolder(root, new org.apache.hadoop.fs.Path(root), FailingFileSystem.configuration())
                .write(
                        "bench-data.jsonl",
                        List.of(DataMeasurement.of("sort", number, new ManyMeasurement.Command(1, 1, 0, 0))));
    }

    @Override
    protected OptionalInt published(String root) throws IOException {
        var file = Path.of(root.substring("failing://".length()), "bench-data.jsonl");
        if (!Files.exists(file)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(new ObjectMapper()
                .readTree(Files.readAllBytes(file))
                .get("rows")
                .asInt());
    }

    @Override
    protected String writtenIn() {
        return "";
    }

    /** Other than the local one, the test's file system deletes a file before it renames another one to its place. */
    @Override
    protected boolean mayBeAbsent() {
        return true;
    }

    @Override
    protected boolean provesItself() {
        return false;
    }

    /** It is a directory of this machine, where nothing is renamed by copying. */
    @Override
    protected Set<Fault> faults() {
        return EnumSet.of(Fault.BEFORE, Fault.AFTER);
    }

    @Override
    protected List<String> schemes() {
        return List.of("failing");
    }

    /** A line that anybody may change: it need not be JSON any more. */
    @Override
    protected boolean counts(Path file) {
        return false;
    }
}
