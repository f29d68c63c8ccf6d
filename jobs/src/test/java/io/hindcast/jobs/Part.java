package io.hindcast.jobs;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * Which seventh of the slow tests runs: {@code -Dtest.part=0} to {@code 6}, a day of the week each; without it all of them. The
 * library's tests have their own of the same rule: no module sees another's tests.
 */
final class Part {
    private static final int PARTS = 7;
    private static final int NONE = -1;
    private static final int PART = Integer.getInteger("test.part", NONE);

    private Part() {}

    /** The numbers from 1 on, without end, that belong to the part: the parts have them all, each once. */
    static IntStream numbers() {
        return PART == NONE ? IntStream.iterate(1, n -> n + 1) : IntStream.iterate(1 + PART, n -> n + PARTS);
    }

    /** What is asked of a number. */
    interface Question {
        /** Its answer. */
        boolean is(int number) throws Exception;
    }

    /** The first number of the part of which the answer is no; all before it are asked, too. */
    static int firstThatIsNot(Question question) throws Exception {
        for (var numbers = numbers().iterator(); ; ) {
            var number = numbers.nextInt();
            if (!question.is(number)) {
                return number;
            }
        }
    }

    /** Those of {@code all} that belong to the part. */
    static <T> List<T> of(List<T> all) {
        return numbers()
                .takeWhile(n -> n <= all.size())
                .mapToObj(n -> all.get(n - 1))
                .toList();
    }

    /** Skips a test that belongs to another part. */
    static void require(int part) {
        Assumptions.assumeTrue(PART == NONE || PART == part, "it belongs to part " + part);
    }
}
