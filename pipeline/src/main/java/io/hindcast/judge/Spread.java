package io.hindcast.judge;

import java.io.Serializable;

/** The spread of the influences of all episodes: their sums of squares and cubes. */
final class Spread implements Serializable {
    private final Sums sums = new Sums(2);

    void add(double influence) {
        var scaled = Scaled.of(influence);
        var square = scaled.times(scaled);
        sums.add(0, square);
        sums.add(1, square.times(scaled));
    }

    void merge(Spread other) {
        sums.merge(other.sums);
    }

    double sumOfSquares() {
        return sums.of(0).toDouble();
    }

    /** Of a mean of the influences, and so of the estimate; 0 where all are 0. */
    double skewness() {
        var squares = sumOfSquares();
        return squares == 0 ? 0 : sums.of(1).toDouble() / (squares * Math.sqrt(squares));
    }
}
