package io.hindcast.source;

import io.hindcast.data.Transition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of the rows of one episode.
 *
 * @param transitions in order; empty if it is quarantined or had no row with a successor
 * @param rows how many rows it had
 * @param fault why it is quarantined, null if it is not
 * @param file where the fault is
 * @param row the row of the fault in its file
 */
public record Assembled(
        List<Transition> transitions, int rows, @Nullable String fault, String file, long row) {}
