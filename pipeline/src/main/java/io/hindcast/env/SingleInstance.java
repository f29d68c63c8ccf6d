package io.hindcast.env;

import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A vector environment of one instance, as a plain environment. */
final class SingleInstance implements Environment {
    private final String name;
    private final VectorEnvironment only;

    /** @param only of size 1; closed with this one */
    SingleInstance(String name, VectorEnvironment only) {
        this.name = name;
        this.only = only;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int observationSize() {
        return only.observationSize();
    }

    @Override
    public ActionSpace actionSpace() {
        return only.actionSpace();
    }

    @Override
    public int maxEpisodeSteps() {
        return only.maxEpisodeSteps();
    }

    @Override
    public float[] reset(RandomGenerator random) {
        return only.reset(0, random);
    }

    @Override
    public boolean @Nullable [] possibleActions() {
        return only.possibleActions(0);
    }

    @Override
    public Step step(Action action) {
        return Objects.requireNonNull(only.step(new Action[] {action})[0]);
    }

    @Override
    public long outOfBounds() {
        return only.outOfBounds();
    }

    @Override
    public void close() {
        only.close();
    }
}
