package io.hindcast.source;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file that one task reads, which begins and ends with an episode.
 *
 * @param from the first row, or of Minari's files the first episode
 * @param to the row or episode after the last
 * @param rowsBefore how many rows of the file come before
 * @param trajectory of a log that goes on after terminal rows, the row that began the logged trajectory which the part begins
 *     in; null of any other, where every episode is a trajectory of its own
 */
public record FilePart(
        InputFile file,
        long from,
        long to,
        long rowsBefore,
        @Nullable Long trajectory) implements Serializable {
    /** A part of a log whose episodes are trajectories of their own. */
    public FilePart(InputFile file, long from, long to, long rowsBefore) {
        this(file, from, to, rowsBefore, null);
    }
}
