package io.hindcast.report;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import org.jspecify.annotations.Nullable;

/** A published figure, or a figure to reach, for one row of the results. */
public record Published(
        @Setting(value = "null", meaning = "the published figure; null: none") @Nullable Double value,

        @Setting(value = "null", meaning = "where it was published") @Nullable String source,

        @Setting(value = "null", meaning = "the figure to reach; null: none") @Nullable Double reach,

        @Setting(
                value = "return",
                meaning = "what the figures are: the mean return, the normalised score, or success in percent")
        Figure figure) {
    /** @throws UserException if it says nothing */
    public Published {
        if (value == null && reach == null) {
            throw new UserException("Cannot compare with a figure that is not there: neither value nor reach is given;"
                    + " add one of them");
        }
    }
}
