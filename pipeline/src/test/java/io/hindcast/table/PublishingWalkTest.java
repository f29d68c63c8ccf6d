package io.hindcast.table;

import io.hindcast.Part;
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
        return Part.seeds(1_000).mapToLong(seed -> 50 + seed);
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
