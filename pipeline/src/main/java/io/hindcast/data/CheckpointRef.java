package io.hindcast.data;

import java.io.Serializable;

/**
 * A reference to a checkpoint: its place, and the hash of its learned state, so that a reader can check that it is
 * still the same checkpoint.
 *
 * @param run the id of a run in the same output directory, or the directory of a run's checkpoints, {@code OUT/checkpoints/RUN_ID}
 * @param step its updates
 * @param state the SHA-256 of its state
 */
public record CheckpointRef(String run, long step, String state) implements Serializable {}
