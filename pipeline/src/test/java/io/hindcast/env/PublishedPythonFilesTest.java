package io.hindcast.env;

import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.FailingFileSystem.Fault;
import io.hindcast.files.PublishingContract;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.hadoop.fs.Path;

final class PublishedPythonFilesTest extends PublishingContract {
    @Override
    protected void publish(String root, int number) {
        var files = new Path(root, "files-" + number);
        PythonCache.write(
                Map.of("worker.py", "print(" + number + ")\n", "hammer.py", ""),
                files,
                FailingFileSystem.configuration());
    }

    @Override
    protected OptionalInt published(String root) throws IOException {
        for (var number = 2; number > 0; number--) {
            var files = java.nio.file.Path.of(root.substring("failing://".length()), "files-" + number);
            if (Files.isDirectory(files)
                    && Files.exists(files.resolve("hammer.py"))
                    && Files.readString(files.resolve("worker.py")).equals("print(" + number + ")\n")) {
                return OptionalInt.of(number);
            }
        }
        return OptionalInt.empty();
    }

    @Override
    protected String writtenIn() {
        return "";
    }

    /** The folder of a user is on this machine, where nothing is renamed by copying. */
    @Override
    protected Set<Fault> faults() {
        return EnumSet.of(Fault.BEFORE, Fault.AFTER);
    }

    @Override
    protected List<String> schemes() {
        return List.of("failing");
    }

    /** It is the user's own. */
    @Override
    protected boolean counts(java.nio.file.Path file) {
        return false;
    }
}
