package io.hindcast.learn;

import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import java.util.stream.Stream;

final class DqnTest extends ValueLearnerContract {
    @Override
    String learner() {
        return "dqn";
    }

    @Override
    String settings() {
        return """
                discount = 0.5, target-period = 20
                critic { hidden-layers = [16], learning-rate = 1e-2, schedule = cosine }
                """;
    }

    @Override
    Stream<Kind> kinds() {
        return Stream.of(Kind.DISCRETE);
    }

    /** It bootstraps from actions of its own, which must be in the data. */
    @Override
    ReplayBuffer data(Kind kind, TerminalFlag end) {
        return covered(kind, end);
    }

    @Override
    boolean followsTheData() {
        return false;
    }

    @Override
    String[] metrics(Kind kind) {
        return new String[] {"critic/loss", "critic/gradient-norm", "q-data/mean", "q-data/out-of-range-share"};
    }
}
