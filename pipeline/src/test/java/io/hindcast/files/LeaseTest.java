package io.hindcast.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
    @TempDir
    Path out;

    @Test
    void ofManyThatComeAtOnceOneAtATimeHasItAndNothingIsLeft() throws Exception {
        var holders = new AtomicInteger();
        var most = new AtomicInteger();
        Callable<Boolean> work = () -> {
            try (var lease = take(new ArrayList<>())) {
                most.accumulateAndGet(holders.incrementAndGet(), Math::max);
                Thread.sleep(20);
                holders.decrementAndGet();
            }
            return true;
        };
        var threads = Executors.newFixedThreadPool(4);
        try {
            for (var done : threads.invokeAll(Collections.nCopies(4, work))) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(most).hasValue(1);
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void theOneOfAKilledProcessOfThisMachineIsTakenOverAtOnce() throws IOException {
        var said = new ArrayList<String>();
        var host = ProcessMark.ofThisProcess("").host();
        Files.createFile(out.resolve(".lease-train-" + host + "-0-5-" + "a".repeat(32)));
        take(said).close();
        assertThat(said).isEmpty();
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void whoWaitsSaysForWhomAndMayGiveUp() throws IOException {
        var said = new ArrayList<String>();
        var elsewhere = Files.createFile(out.resolve(".lease-train-elsewhere-7-5-" + "a".repeat(32)));
        var gaveUp = "";
        try {
            Lease.take(out.toString(), "train", "", new Configuration(), holder -> said.add(holder.who()), () -> true);
        } catch (IllegalStateException e) {
            gaveUp = e.getMessage();
        }
        assertThat(gaveUp).isEqualTo("Cannot do train in " + out + ": stopped while it waited");
        assertThat(said).containsExactly("process 7 on elsewhere");
        // It may live: only when it has been silent for a minute it counts no more.
        assertThat(elsewhere).exists();
    }

    @Test
    void whoWaitsHearsWhatTheOtherSaysOfItsWorkAndMayRefuse() throws IOException {
        var lease = Lease.take(out.toString(), "train", "seeds 1", new Configuration(), holder -> {}, () -> false);
        try (lease) {
            assertThatThrownBy(() -> Lease.take(
                            out.toString(),
                            "train",
                            "seeds 2",
                            new Configuration(),
                            holder -> {
                                throw new IllegalArgumentException(holder.note());
                            },
                            () -> false))
                    .hasMessage("seeds 1");
        }
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void oneThatWasLetGoIsNotWaitedForThoughAListingStillShowsIt() throws IOException {
        Callable<Lease> take = () -> Lease.take(
                "lagging://" + out, "train", "", FailingFileSystem.configuration(), holder -> {}, () -> true);
        try {
            var first = take.call();
            LaggingStore.freeze(out, List.of(LaggingStore.Lag.REMOVED));
            first.close();
            take.call().close();
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            LaggingStore.thaw();
        }
        assertThat(out).isEmptyDirectory();
    }

    private Lease take(List<String> said) throws IOException {
        return Lease.take(
                out.toString(), "train", "mine", new Configuration(), holder -> said.add(holder.note()), () -> false);
    }
}
