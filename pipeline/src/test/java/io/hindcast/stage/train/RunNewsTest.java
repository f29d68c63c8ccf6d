package io.hindcast.stage.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.run.Metric;
import io.hindcast.run.Outcome;
import io.hindcast.run.RunSpec;
import io.hindcast.stage.Progress;
import io.hindcast.stage.StageContext;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Warehouse;
import io.hindcast.track.Tracker;
import io.hindcast.track.Tracking;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class RunNewsTest {
    private static final RunSpec RUN =
            new RunSpec("q", "all", "abc", "tabular-q", Map.of(), 1, 8, 1, 1, 2, 4, false, List.of(), false, null);

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    Path out;

    /** The message of a task and the end of its stage come on two threads; trackers are closed after the second. */
    @Test
    @Timeout(60)
    void aFailureThatIsJustBeingToldIsPassedOnBeforeTheStageGoesOn() throws InterruptedException {
        var telling = new CountDownLatch(1);
        var stage = new Thread[1];
        var tracking = new Tracking(List.of(new Listener()), heard::add, () -> false);
        var news = news(tracking, line -> {
            telling.countDown();
            // Slow enough for the stage to end, or to wait.
            while (stage[0].getState() != Thread.State.BLOCKED && stage[0].getState() != Thread.State.TERMINATED) {
                Thread.onSpinWait();
            }
        });
        var failed = Outcome.Failed.of("too large", "");
        stage[0] = new Thread(() -> {
            news.failed(RUN.id(), 6, failed);
            tracking.close();
        });
        var message = new Thread(() -> news.failed(RUN.id(), 6, failed));

        message.start();
        assertThat(telling.await(30, TimeUnit.SECONDS)).isTrue();
        stage[0].start();
        message.join();
        stage[0].join();

        assertThat(heard).containsExactly("failed after 6");
    }

    private RunNews news(Tracking tracking, Progress progress) {
        var spark = LocalSpark.session();
        return new RunNews(
                new StageContext(spark, new Warehouse(spark, out.toString()), progress), tracking, List.of(RUN));
    }

    private final class Listener implements Tracker {
        @Override
        public String name() {
            return "a listener";
        }

        @Override
        public void logged(RunSpec spec, List<Metric> metrics) {}

        @Override
        public void failed(RunSpec spec, long updates, Outcome.Failed failed) {
            heard.add("failed after " + updates);
        }

        @Override
        public void ended(RunSpec spec, Outcome outcome) {}

        @Override
        public void flush() {}

        @Override
        public long unwritten() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
