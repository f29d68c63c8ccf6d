package io.hindcast.source;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A row of a log as it was found, before it is checked: numbers that are missing are NaN.
 *
 * @param episode what the episode-id column says, null if there is none
 * @param step what the step column says, null if there is none
 * @param action null if the log has no such columns
 * @param actionIndex null if the log has no such column
 * @param nextObservation null if the log has no such columns
 * @param probability the logging policy's, null if the log has no such column
 * @param row its place in {@code file}, from 0
 */
@SuppressWarnings("ArrayRecordComponent") // carried from reader to assembler, compared nowhere
public record LoggedRow(
        @Nullable String episode,
        @Nullable Double step,
        float[] observation,
        float @Nullable [] action,
        @Nullable Double actionIndex,
        double reward,
        float @Nullable [] nextObservation,
        boolean terminated,
        boolean truncated,
        @Nullable Double probability,
        @Nullable Double logProbability,
        boolean @Nullable [] actionMask,
        @Nullable Double timeDelta,
        @Nullable String group,
        String file,
        long row)
        implements Serializable {}
