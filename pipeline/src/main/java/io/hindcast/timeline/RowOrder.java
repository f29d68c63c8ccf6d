package io.hindcast.timeline;

import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.EpisodeRules.EpisodeScope;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What brings the rows of an episode together, and in which order they stand then: by the bytes of their key, and within it by
 * number, by what the number leaves out, by file and by row. Every row has a place of its own, so there is one order only.
 *
 * @param per {@link EpisodePer#COLUMN}: the episode is what the row says; else it is somewhere in the row's file
 * @param scope {@link EpisodeScope#FILE}: an episode's rows are those of one file, which then comes before the number
 */
public record RowOrder(EpisodePer per, @Nullable EpisodeScope scope) implements Serializable {
    private static final double EXACT_WHOLE_NUMBERS = 0x1p53;

    /** What the rows of an episode have in common; null of a row that says nothing of its episode. */
    @Nullable String key(LoggedRow row) {
        return isByColumn() ? episode(row) : row.file();
    }

    /** The episode in its one spelling, null where it stands in the row's file. */
    @Nullable String episode(LoggedRow row) {
        return isByColumn() && row.episode() != null ? Spelling.plain(row.episode()) : null;
    }

    /** The row's number, as bits that are ordered as it is. */
    long number(LoggedRow row) {
        return isByColumn() ? ordered(row.order()) : row.row();
    }

    /**
     * What the number leaves out, null if nothing. Rows of one number all have it or all do without: those with a time, and those
     * with a step too large for a double.
     */
    LoggedRow.@Nullable Fine fine(LoggedRow row) {
        return !isByColumn() || (row.time() == null && Math.abs(row.order()) < EXACT_WHOLE_NUMBERS)
                ? null
                : row.exact();
    }

    boolean isByColumn() {
        return per == EpisodePer.COLUMN;
    }

    boolean isFileFirst() {
        return scope == EpisodeScope.FILE;
    }

    /** A number as a long that is ordered as numbers are; what is no number comes last. */
    static long ordered(double number) {
        var bits = Double.doubleToLongBits(number + 0.0); // the two zeros are one
        return bits ^ ((bits >> (Long.SIZE - 1)) & Long.MAX_VALUE);
    }
}
