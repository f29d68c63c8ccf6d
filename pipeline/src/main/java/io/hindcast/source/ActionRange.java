package io.hindcast.source;

import io.hindcast.data.ActionSpace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The actions of files that do not say how many there are, or how far they go: as far as the data go. Not for several threads. */
final class ActionRange {
    private float @Nullable [] low;
    private float[] high = {};
    private double greatest = -1;

    /** Adds a real action; one that is not finite says nothing. */
    void add(float[] action) {
        if (low == null || low.length != action.length) {
            low = action.clone();
            high = action.clone();
        }
        for (var i = 0; i < action.length; i++) {
            if (Float.isFinite(action[i])) {
                low[i] = low[i] <= action[i] ? low[i] : action[i];
                high[i] = high[i] >= action[i] ? high[i] : action[i];
            }
        }
    }

    /** Adds the number of an action. */
    void add(double index) {
        greatest = Math.max(greatest, index);
    }

    /** As many actions as the greatest number says; null if there was none, or no whole one that can be. */
    @Nullable ActionSpace numbered() {
        return greatest >= 0 && greatest < 1 << 20 && greatest == Math.rint(greatest)
                ? new ActionSpace.Discrete((int) greatest + 1)
                : null;
    }

    /** Each entry from -1 to 1, or as far as it goes beyond. */
    @Nullable ActionSpace bounded() {
        if (low == null) {
            return null;
        }
        var lows = new ArrayList<Double>();
        var highs = new ArrayList<Double>();
        for (var i = 0; i < low.length; i++) {
            lows.add(Math.min(-1, finite(low[i])));
            highs.add(Math.max(1, finite(high[i])));
        }
        return new ActionSpace.Continuous(lows, highs);
    }

    private static double finite(float value) {
        return Float.isFinite(value) ? value : 0;
    }

    /** What to tell about {@link #bounded}. */
    static List<String> notes(ActionSpace.Continuous space) {
        return space.isUnit()
                ? List.of()
                : List.of("the files do not say the bounds of actions: " + space.lows() + " to " + space.highs()
                        + " are as far as the data go beyond -1 to 1; give action-space if the environment has others");
    }
}
