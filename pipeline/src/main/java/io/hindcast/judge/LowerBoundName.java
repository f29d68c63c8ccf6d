package io.hindcast.judge;

import java.util.Locale;
import java.util.Optional;

/** How lower bounds of values are made, by their names in conf files and tables. */
public enum LowerBoundName {
    /** By the estimate, its error and its skewness: for many episodes, of which none decides. */
    STUDENT_T,
    /** For any number of episodes. */
    CLIPPED_BERNSTEIN,
    /** For many single decisions; sharper where rewards are rare. */
    CRESSIE_READ,
    /** For any number of episodes, however often it is looked at while they come in. */
    CONFIDENCE_SEQUENCE;

    /**
     * The state of no episodes; empty for Student's t, which an estimate has by itself.
     *
     * @param least a return that no episode is below, known beforehand
     * @param most one that none is above, likewise; NaN if not known
     */
    public Optional<LowerBound> state(double least, double most) {
        return switch (this) {
            case STUDENT_T -> Optional.empty();
            case CLIPPED_BERNSTEIN -> Optional.of(new ClippedBernstein(least));
            // A policy may never do what is logged; how rare that was is not known beforehand.
            case CRESSIE_READ -> Optional.of(new CressieRead(least, most, 0, Double.POSITIVE_INFINITY));
            case CONFIDENCE_SEQUENCE -> Optional.of(new ConfidenceSequence(least, most));
        };
    }

    /** Whether it also needs a return that no episode is above. */
    public boolean needsMost() {
        return this == CRESSIE_READ || this == CONFIDENCE_SEQUENCE;
    }

    /** Whether it holds for any number of episodes, and whatever their weights are. */
    public boolean holdsAlways() {
        return this == CLIPPED_BERNSTEIN || this == CONFIDENCE_SEQUENCE;
    }

    /** In the words of a conf file: {@code clipped-bernstein}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
