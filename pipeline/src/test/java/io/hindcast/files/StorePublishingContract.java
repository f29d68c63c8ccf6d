package io.hindcast.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.UserException;
import io.hindcast.files.FailingFileSystem.Fault;
import io.hindcast.files.LaggingStore.Lag;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The same on object stores whose listings lag: they do not show yet what was written, or still show what was removed. */
public abstract class StorePublishingContract extends PublishingContract {
    private static final List<Set<Lag>> LAGS =
            List.of(EnumSet.of(Lag.CREATED), EnumSet.of(Lag.REMOVED), EnumSet.allOf(Lag.class));

    @AfterEach
    void thaw() {
        LaggingStore.thaw();
    }

    @Test
    void whoReadsWhileListingsLagSeesTheOldOrTheNewWholeAndTheNextPublishIsRight() throws IOException {
        for (var lag : LAGS) {
            var root = lagging("published" + lag);
            publish(root, 1);
            LaggingStore.freeze(folder, lag);
            publish(root, 2);
            assertThat(published(root).orElseThrow()).as("while %s lags", lag).isIn(1, 2);
            publish(root, 2);
            assertThat(published(root).orElseThrow()).as("while %s lags", lag).isIn(1, 2);
            LaggingStore.thaw();
            assertThat(published(root)).as("after %s lagged", lag).hasValue(2);
        }
    }

    @Test
    void theFirstThatIsPublishedWhileListingsLagIsWholeAndSoIsTheSecond() throws IOException {
        for (var number : List.of(1, 2)) {
            var root = lagging("first" + number);
            LaggingStore.freeze(folder, EnumSet.allOf(Lag.class));
            for (var n = 1; n <= number; n++) {
                publish(root, n);
            }
            assertThat(published(root).orElse(number)).isBetween(1, number);
            LaggingStore.thaw();
            assertThat(published(root)).hasValue(number);
        }
    }

    @Test
    void aWriterThatIsKilledWhileListingsLagLosesNothingAndARepetitionMendsIt() throws IOException {
        for (var lag : LAGS) {
            for (var fault : faults()) {
                var change = 1;
                while (killedWhileLagging(lag, change, fault)) {
                    change++;
                }
                assertThat(change).isGreaterThan(2);
            }
        }
    }

    private boolean killedWhileLagging(Set<Lag> lag, int change, Fault fault) throws IOException {
        var root = lagging(lag + "-" + fault + "-" + change);
        publish(root, 1);
        LaggingStore.freeze(folder, lag);
        FailingFileSystem.failAt(change, fault);
        try {
            publish(root, 2);
        } catch (IOException | RuntimeException e) {
            assertThat(FailingFileSystem.failed()).as("killed by the test").isTrue();
        }
        var killed = FailingFileSystem.failed();
        FailingFileSystem.failAt(0, fault);
        requireOldOrNew(root);
        try {
            publish(root, 2);
        } catch (UserException e) {
            // What the killed one left is in the way, until a listing shows it.
            assertThat(e).hasMessageEndingWith("run the job again");
        }
        requireOldOrNew(root);
        LaggingStore.thaw();
        publish(root, 2);
        assertThat(published(root)).as("once more in " + root).hasValue(2);
        return killed;
    }

    private String lagging(String name) {
        return "lagging://" + folder.resolve(name.replaceAll("[^A-Za-z0-9-]", "_"));
    }
}
