package io.hindcast.table;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever two writers do at once, and wherever they are killed, a reader sees what whole jobs one after the other leave. */
class PublishingWalkTest {
    static LongStream few() {
        return LongStream.range(0, 50);
    }

    static LongStream many() {
        return LongStream.range(50, 1_050);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("few")
    void aReaderSeesWhatWholeJobsLeave(long seed) throws InterruptedException {
        new Walk(seed).run();
    }

    @Tag("slow")
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("many")
    void aReaderSeesWhatWholeJobsLeaveOnManyWalks(long seed) throws InterruptedException {
        new Walk(seed).run();
    }
}
