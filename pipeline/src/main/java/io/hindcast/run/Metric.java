package io.hindcast.run;

import java.io.Serializable;

/**
 * One number of a run.
 *
 * @param step updates done
 * @param name such as {@code critic/loss}, {@code policy/gradient-norm} or {@code advantage/mean}
 */
public record Metric(long step, String name, double value) implements Serializable {}
