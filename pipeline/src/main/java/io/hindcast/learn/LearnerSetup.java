package io.hindcast.learn;

import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import java.util.random.RandomGenerator;

/**
 * What every learner is made with, beside its own settings.
 *
 * @param spaces the problem
 * @param batchSize rows of every batch it will see
 * @param updates how many updates the whole run has, for learning-rate schedules
 * @param kernels where its networks compute; the learner does not close them
 * @param initialisation where first parameters are drawn from
 */
public record LearnerSetup(
        Spaces spaces, int batchSize, long updates, Kernels kernels, RandomGenerator initialisation) {}
