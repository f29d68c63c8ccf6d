package io.hindcast;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/** Which seventh of the slow tests runs: {@code -Dtest.part=0} to {@code 6}, a day of the week each; without it all of them. */
public final class Part {
    private static final int PARTS = 7;
    private static final int NONE = -1;
    private static final int PART = Integer.getInteger("test.part", NONE);

    private Part() {}

    /** Those of the seeds 0 to {@code count} - 1 that belong to the part: the parts have them all, each once. */
    public static IntStream seeds(int count) {
        return IntStream.range(0, count).filter(seed -> PART == NONE || seed % PARTS == PART);
    }

    /** Skips a test that belongs to another part. */
    public static void require(int part) {
        Assumptions.assumeTrue(PART == NONE || PART == part, "it belongs to part " + part);
    }
}
