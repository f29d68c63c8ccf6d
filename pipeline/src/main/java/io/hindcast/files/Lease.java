package io.hindcast.files;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.jspecify.annotations.Nullable;

/**
 * A lease on a directory of any Hadoop file system: one process at a time does a job there. Each that wants to leaves a
 * file under a name that nobody else has, and then looks for others: of two that come at once at least one sees the
 * other and steps back. So nothing has to be created or replaced in one step. A file counts as long as its process
 * lives, or, of another machine, as long as it is written again every few seconds.
 */
public final class Lease implements AutoCloseable {
    private static final Duration BEAT = Duration.ofSeconds(10);
    private static final Duration STALE = Duration.ofMinutes(1);
    private static final int MOST_BYTES = 1 << 20;
    private static final byte[] NOTHING = {};
    private static final Pattern ANY = Pattern.compile("\\.lease-[a-z]+-");
    private static final Duration LOOK = Duration.ofMillis(500);

    private final FileContext files;
    private final Path directory;
    private final ProcessMark mark;
    private final Path own;
    private final Map<String, Seen> seen = new HashMap<>();
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "lease");
        thread.setDaemon(true);
        return thread;
    });
    private final byte[] note;
    private @Nullable Holder heard;

    /**
     * Who has what another one waits for.
     *
     * @param who a process, in words
     * @param note what it says of its work; empty if it may not have it yet, or that cannot be read now
     */
    public record Holder(String who, String note) {}

    /** When a file of another machine was last written, by its clock, and when that was first seen, by ours. */
    private record Seen(long modified, long nanos) {}

    private Lease(String directory, String job, String note, Configuration configuration) throws IOException {
        this.directory = new Path(directory);
        this.note = note.getBytes(StandardCharsets.UTF_8);
        files = LocalFiles.context(this.directory, configuration);
        mark = ProcessMark.ofThisProcess(".lease-" + job + "-");
        own = new Path(this.directory, mark.name());
    }

    /**
     * Waits until nobody else does the job.
     *
     * @param job a word
     * @param note what others are told that wait
     * @param waits hears for whom it waits, and may throw to give up
     * @param stops asked while it waits: whether to give up
     * @throws IllegalStateException if it gave up
     * @throws IOException if the directory cannot be read or written
     */
    public static Lease take(
            String directory,
            String job,
            String note,
            Configuration configuration,
            Consumer<Holder> waits,
            BooleanSupplier stops)
            throws IOException {
        var lease = new Lease(directory, job, note, configuration);
        try {
            lease.take(job, waits, stops);
            return lease;
        } catch (IOException | FSError | RuntimeException e) {
            lease.close(); // This process lives on, and would wait for itself.
            throw e;
        }
    }

    private void take(String job, Consumer<Holder> waits, BooleanSupplier stops) throws IOException {
        files.mkdir(directory, FsPermission.getDirDefault(), true);
        removeOrphans();
        while (true) {
            var other = other();
            if (other.isEmpty()) {
                write(NOTHING);
                other = other();
                if (other.isEmpty()) {
                    // Only now: of two that step back from each other none has it.
                    write(note);
                    var unused = beats.scheduleWithFixedDelay(
                            this::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
                    return;
                }
                files.delete(own, false);
            }
            var holder = new Holder(mark.owner(other.get()), note(other.get()));
            if (!holder.equals(heard)) {
                heard = holder;
                waits.accept(holder);
            }
            sleep();
            if (stops.getAsBoolean()) {
                throw new IllegalStateException("Cannot do " + job + " in " + directory + ": stopped while it waited");
            }
        }
    }

    private String note(String name) {
        try (var stream = files.open(new Path(directory, name))) {
            return new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // it was let go, or is being written
        }
    }

    /** Those of other jobs. */
    private void removeOrphans() throws IOException {
        for (var status : files.util().listStatus(directory)) {
            var name = status.getPath().getName();
            var any = ANY.matcher(name);
            if (any.lookingAt() && ProcessMark.ofThisProcess(any.group()).isOrphan(name)) {
                files.delete(status.getPath(), false);
            }
        }
    }

    /** The file of a process that does the job, or is about to; those of dead ones are removed. */
    private Optional<String> other() throws IOException {
        Optional<String> found = Optional.empty();
        for (var listed : files.util().listStatus(directory)) {
            var name = listed.getPath().getName();
            if (!name.startsWith(mark.prefix()) || name.equals(own.getName())) {
                continue;
            }
            // A listing of an object store may be older than the file, or show one that was let go.
            var modified = modified(listed.getPath());
            if (modified.isEmpty()) {
                continue;
            }
            if (mark.isOrphan(name) || (!mark.isOfThisMachine(name) && isSilent(name, modified.getAsLong()))) {
                files.delete(listed.getPath(), false);
            } else {
                found = Optional.of(name);
            }
        }
        return found;
    }

    private OptionalLong modified(Path file) throws IOException {
        try {
            return OptionalLong.of(files.getFileStatus(file).getModificationTime());
        } catch (FileNotFoundException e) {
            return OptionalLong.empty();
        }
    }

    /** Clocks of machines differ: only that nothing changes is counted, by the clock of this one. */
    private boolean isSilent(String name, long modified) {
        var now = System.nanoTime();
        var last = seen.get(name);
        if (last == null || last.modified() != modified) {
            seen.put(name, new Seen(modified, now));
            return false;
        }
        return now - last.nanos() > STALE.toNanos();
    }

    private void write(byte[] bytes) throws IOException {
        try (var stream = files.create(
                own, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE), Options.CreateOpts.createParent())) {
            stream.write(bytes);
        }
    }

    private void beat() {
        try {
            if (files.util().exists(own)) {
                write(note);
            }
        } catch (IOException | FSError e) {
            // The next one may succeed; what is written meanwhile is the same whoever writes it.
        }
    }

    private void sleep() {
        try {
            // Not all at the same time: two that look and write at once both step back.
            var more = Math.floorMod(own.getName().hashCode() + System.nanoTime(), LOOK.toMillis());
            Thread.sleep(LOOK.toMillis() + more);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets others have it. */
    @Override
    public void close() {
        beats.shutdownNow();
        try {
            var unused = beats.awaitTermination(BEAT.toMillis(), TimeUnit.MILLISECONDS);
            files.delete(own, false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // When this process has ended it counts no more.
        }
    }
}
