package io.hindcast.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.files.FailingFileSystem.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What all that hindcast publishes has in common: whoever looks sees the old or the new, whole, whenever its writer is killed. */
public abstract class PublishingContract {
    @TempDir
    Path folder;

    /** Publishes what holds a number, in the place of what is there. */
    protected abstract void publish(String root, int number) throws IOException;

    /** The number in what is published and whole. */
    protected abstract OptionalInt published(String root) throws IOException;

    /** Where it is written before it is published, below the root. */
    protected abstract String writtenIn();

    /** Whether a writer that is killed may leave nothing, neither the old nor the new. */
    protected boolean mayBeAbsent() {
        return false;
    }

    /** Whether a changed byte of any file is noticed. */
    protected boolean provesItself() {
        return true;
    }

    /** Where in a change of the file system its writer may be killed. */
    protected Set<Fault> faults() {
        return EnumSet.allOf(Fault.class);
    }

    /** Where a file system is asked for: the local one, and one that is like an object store. */
    protected List<String> schemes() {
        return List.of("failing", "bucket");
    }

    @AfterEach
    void heal() {
        FailingFileSystem.failAt(0, Fault.BEFORE);
    }

    @Test
    void aWriterThatIsKilledLeavesTheOldOrTheNewAndTheNextOneGoesOn() throws IOException {
        for (var scheme : schemes()) {
            for (var fault : faults()) {
                var change = 1;
                while (killedAt(scheme, change, fault)) {
                    change++;
                }
                // A file that is written, brought in place, and its folder, at least.
                assertThat(change).isGreaterThan(2);
            }
        }
    }

    /** Whether there was such a change. */
    private boolean killedAt(String scheme, int change, Fault fault) throws IOException {
        var place = scheme + "-" + fault + "-" + change;
        var root = scheme + "://" + folder.resolve(place);
        publish(root, 1);
        FailingFileSystem.failAt(change, fault);
        try {
            publish(root, 2);
        } catch (IOException | RuntimeException e) {
            assertThat(FailingFileSystem.failed()).as("killed by the test").isTrue();
        }
        var killed = FailingFileSystem.failed();
        FailingFileSystem.failAt(0, fault);
        requireOldOrNew(root);
        publish(root, 2);
        assertThat(published(root)).as("once more after " + place).hasValue(2);
        return killed;
    }

    final void requireOldOrNew(String root) throws IOException {
        var seen = published(root);
        if (seen.isPresent() || !mayBeAbsent()) {
            assertThat(seen.orElseThrow()).as(root).isIn(1, 2);
        }
    }

    @Test
    void whatAKilledProcessWasWritingIsRemovedAndWhatALivingOneIsWritingIsNot() throws IOException {
        var root = "failing://" + folder;
        publish(root, 1);
        var host = ProcessMark.ofThisProcess(".tmp-").host();
        var aside = folder.resolve(writtenIn());
        // No process has the number 0 as its own; this one lives.
        var dead = aside.resolve(".tmp-" + host + "-0-5-" + "a".repeat(32));
        var deadFile = aside.resolve(".tmp-" + host + "-0-5-" + "b".repeat(32));
        var alive = aside.resolve(ProcessMark.ofThisProcess(".tmp-").name());
        for (var path : List.of(dead, alive)) {
            Files.writeString(Files.createDirectory(path).resolve("file"), "half");
        }
        Files.writeString(deadFile, "half");

        publish(root, 2);

        assertThat(dead).doesNotExist();
        assertThat(deadFile).doesNotExist();
        assertThat(alive).exists();
        assertThat(published(root)).hasValue(2);
    }

    @Test
    void aChangedByteIsNoticed() throws IOException {
        var root = "failing://" + folder;
        publish(root, 1);
        for (var file : files()) {
            var bytes = Files.readAllBytes(file);
            var changed = bytes.clone();
            changed[changed.length / 2] ^= 1;
            Files.write(file, changed);
            assertThat(seen(root)).as(file.toString()).isEqualTo(!provesItself());
            Files.write(file, bytes);
        }
        assertThat(published(root)).hasValue(1);
    }

    private boolean seen(String root) {
        try {
            return published(root).isPresent();
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            return false;
        }
    }

    private List<Path> files() {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).filter(this::counts).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether anything depends on a file. */
    protected boolean counts(Path file) {
        return true;
    }
}
