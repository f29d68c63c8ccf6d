package io.hindcast.track;

import static io.hindcast.track.SampleRuns.logged;
import static io.hindcast.track.SampleRuns.many;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TrackingTest {
    private static final RunSpec RUN = SampleRuns.run(1);
    private static final Tracking.Limits LIMITS =
            new Tracking.Limits(1000, Duration.ofMillis(10), Duration.ofSeconds(30));

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Test
    void everyTrackerHearsAllInOrder() {
        var first = new Notes("first");
        var second = new Notes("second");
        try (var tracking = new Tracking(List.of(first, second), lines::add, LIMITS)) {
            tracking.starts(RUN);
            tracking.logged(RUN, logged(500));
            tracking.ended(RUN, new Outcome.Finished());
        }

        assertThat(first.heard).containsExactly("starts", "logged 2", "ended finished", "close");
        assertThat(second.heard).isEqualTo(first.heard);
        assertThat(lines).isEmpty();
    }

    @Test
    void whatWasGivenIsFlushedThoughNothingFollows() throws InterruptedException {
        var notes = new Notes("notes");
        try (var tracking = new Tracking(List.of(notes), lines::add, LIMITS)) {
            tracking.logged(RUN, logged(500));
            notes.flushed.await();
        }
    }

    @Test
    void aTrackerThatFailsIsToldOnceAndTheOthersGoOn() {
        var broken = new Notes("broken") {
            @Override
            public void logged(RunSpec spec, List<Metric> metrics) {
                lost.addAndGet(metrics.size());
                throw new IllegalStateException("Cannot write:\n no space left");
            }
        };
        var whole = new Notes("whole");
        try (var tracking = new Tracking(List.of(broken, whole), lines::add, LIMITS)) {
            tracking.logged(RUN, logged(500));
            tracking.logged(RUN, logged(1000));
        }

        assertThat(whole.heard).containsExactly("logged 2", "logged 2", "close");
        assertThat(lines)
                .containsExactly(
                        "[track] warning: broken does not accept what was sent: Cannot write: no space left; training goes on",
                        "[track] broken lacks 4 metrics: Cannot write: no space left");
    }

    @Test
    void aTrackerThatStandsStillHoldsNobodyUp() {
        var forever = new CountDownLatch(1);
        var stuck = new Notes("stuck") {
            @Override
            public void starts(RunSpec spec) {
                try {
                    forever.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        var limits = new Tracking.Limits(1000, Duration.ofMillis(10), Duration.ofMillis(100));
        try (var tracking = new Tracking(List.of(stuck), lines::add, limits)) {
            tracking.starts(RUN);
            tracking.logged(RUN, many(600));
            tracking.logged(RUN, many(600)); // more than may wait: dropped
            tracking.ended(RUN, new Outcome.Finished());
        }

        assertThat(lines).containsExactly("[track] stuck lacks 1,200 metrics: it is too slow");
        forever.countDown();
    }

    @Test
    void aTrackerThatWasBusyHearsTheEndOfARunAlthoughMetricsWereDropped() throws InterruptedException {
        var go = new CountDownLatch(1);
        var slow = new Notes("slow") {
            @Override
            public void starts(RunSpec spec) {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (var tracking = new Tracking(List.of(slow), lines::add, LIMITS)) {
            tracking.starts(RUN);
            tracking.logged(RUN, many(900));
            tracking.logged(RUN, many(101));
            tracking.ended(RUN, Outcome.Failed.of("lost", ""));
            go.countDown();
        }

        assertThat(slow.heard).containsExactly("logged 900", "ended failed", "close");
        assertThat(lines).containsExactly("[track] slow lacks 101 metrics: it is too slow");
    }

    @Test
    void aTrackerIsWaitedForAsLongAsItIsAnswered() {
        var answers = new Semaphore(0);
        var slow = new Notes("slow") {
            @Override
            public long answers() {
                answers.release(); // each time that it is asked there is one more
                return lost.incrementAndGet();
            }

            @Override
            public long unwritten() {
                return 0;
            }

            @Override
            public void close() {
                answers.acquireUninterruptibly(3); // one more than it is asked before the first wait is over
                super.close();
            }
        };
        var limits = new Tracking.Limits(1000, Duration.ofMillis(10), Duration.ofMillis(10));
        new Tracking(List.of(slow), lines::add, limits).close();

        assertThat(slow.heard).containsExactly("close");
        assertThat(lines).isEmpty();
    }

    @Test
    void whoIsAskedToStopWaitsForATrackerNoMoreThanOnce() {
        var forever = new CountDownLatch(1);
        var slow = new Notes("slow") {
            @Override
            public long answers() {
                return lost.incrementAndGet();
            }

            @Override
            public long unwritten() {
                return 0;
            }

            @Override
            public void close() {
                while (forever.getCount() > 0) {
                    Thread.onSpinWait();
                }
            }
        };
        var limits = new Tracking.Limits(1000, Duration.ofMillis(10), Duration.ofMillis(10));
        new Tracking(List.of(slow), lines::add, limits, () -> true).close();

        assertThat(slow.lost).hasValue(2); // asked whether to wait, and from where on
        assertThat(lines).containsExactly("[track] slow may lack the end of runs: it is too slow");
        forever.countDown();
    }

    /** A tracker that writes down what it hears. */
    private static class Notes implements Tracker {
        final List<String> heard = Collections.synchronizedList(new ArrayList<>());
        final CountDownLatch flushed = new CountDownLatch(1);
        final AtomicLong lost = new AtomicLong();
        private final String name;

        Notes(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void starts(RunSpec spec) {
            heard.add("starts");
        }

        @Override
        public void logged(RunSpec spec, List<Metric> metrics) {
            heard.add("logged " + metrics.size());
        }

        @Override
        public void ended(RunSpec spec, Outcome outcome) {
            heard.add("ended " + outcome.word());
        }

        @Override
        public void flush() {
            if (!heard.isEmpty()) {
                flushed.countDown();
            }
        }

        @Override
        public long unwritten() {
            return lost.get();
        }

        @Override
        public void close() {
            heard.add("close");
        }
    }
}
