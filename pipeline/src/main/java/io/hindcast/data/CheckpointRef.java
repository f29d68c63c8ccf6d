package io.hindcast.data;

import java.io.Serializable;

/**
 * A checkpoint by its place, and by the hash of what had been learned there: whoever reads it again knows whether it is still the
 * same one.
 *
 * @param run the id of a run in the same output directory, or the directory of a run's checkpoints, {@code OUT/checkpoints/RUN_ID}
 * @param step its updates
 * @param state the SHA-256 of its state
 */
public record CheckpointRef(String run, long step, String state) implements Serializable {}
