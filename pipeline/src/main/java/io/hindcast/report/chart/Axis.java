package io.hindcast.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Maps values to pixels, and knows where ticks belong.
 *
 * @param low the value at pixel {@code from}
 * @param high the value at pixel {@code to}
 * @param step between ticks; for a logarithmic axis in decades
 */
record Axis(double low, double high, double step, Scale scale, double from, double to) {
    /** Of numbers so large that one more is the same number there would be no end. */
    private static final int MOST_TICKS = 100;

    /** What lies farther out than so many axes is drawn there. */
    private static final double FAR = 10;

    enum Scale {
        LINEAR,
        LOGARITHMIC,
        /** Logarithmic, but its low end stands for zero; nothing is shown between there and a decade above. */
        LOGARITHMIC_FROM_ZERO;

        /** Logarithmic where every value is above zero and they span more than three powers of ten. */
        static Scale of(DoubleStream values) {
            var summary = values.filter(Double::isFinite).summaryStatistics();
            return summary.getMin() > 0 && summary.getMax() / summary.getMin() > 1_000 ? LOGARITHMIC : LINEAR;
        }
    }

    /** An axis that shows {@code [low, high]} with about {@code ticks} ticks at multiples of 1, 2 or 5. */
    static Axis linear(double low, double high, int ticks, double from, double to) {
        return new Axis(low, high, niceStep((high - low) / ticks), Scale.LINEAR, from, to);
    }

    /** An axis by powers of ten that shows {@code [low, high]}, both above zero. */
    static Axis logarithmic(double low, double high, int ticks, double from, double to) {
        var decades = Math.log10(high) - Math.log10(low);
        return new Axis(low, high, Math.max(1, Math.ceil(decades / ticks)), Scale.LOGARITHMIC, from, to);
    }

    /** As {@link #logarithmic}, with zero in the place of {@code low}. */
    static Axis logarithmicFromZero(double low, double high, int ticks, double from, double to) {
        var axis = logarithmic(low, high, ticks, from, to);
        return new Axis(low, high, axis.step, Scale.LOGARITHMIC_FROM_ZERO, from, to);
    }

    /** The least of 1, 2, 5, 10, 20 … and of their tenths that is not below {@code rough}, which is above zero. */
    static double niceStep(double rough) {
        var power = Math.pow(10, Math.floor(Math.log10(rough)));
        // A hair of tolerance: 0.3 / 3 is to give 0.1.
        for (var factor : new double[] {1, 2, 5}) {
            if (rough <= factor * power * (1 + 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    double at(double value) {
        if (scale == Scale.LOGARITHMIC_FROM_ZERO && value <= 0) {
            return from;
        }
        var share = scale == Scale.LINEAR
                ? (value - low) / (high - low)
                : value <= 0 ? -FAR : (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
        return from + Math.max(-FAR, Math.min(FAR, share)) * (to - from);
    }

    List<Double> ticks() {
        var ticks = new ArrayList<Double>();
        if (scale == Scale.LOGARITHMIC_FROM_ZERO) {
            ticks.add(0.0);
            ticks.addAll(new Axis(10 * low, high, step, Scale.LOGARITHMIC, from, to).ticks());
            return ticks;
        }
        var first = scale == Scale.LINEAR ? low : Math.log10(low);
        var last = scale == Scale.LINEAR ? high : Math.log10(high);
        for (var i = Math.ceil(first / step - 1e-9);
                i * step <= last + 1e-9 * step && ticks.size() < MOST_TICKS && i + 1 > i;
                i++) {
            ticks.add(scale == Scale.LINEAR ? i * step : Math.pow(10, i * step));
        }
        return ticks;
    }

    /** A tick's label, with no more digits than the distance between ticks asks for. */
    String label(double tick) {
        if (scale != Scale.LINEAR) {
            return tick == 0 || (tick >= 0.001 && tick < 10_000) ? trimmed(tick) : scientific(tick);
        }
        var widest = Math.max(Math.abs(low), Math.abs(high));
        if (step < 1e-4 || widest >= 1e10) {
            return tick == 0 ? "0" : scientific(tick);
        }
        var unit = widest >= 1e6 && step >= 1e5 ? 1e6 : widest >= 1e4 && step >= 100 ? 1e3 : 1;
        var name = unit == 1e6 ? "M" : unit == 1e3 ? "k" : "";
        return tick == 0 ? "0" : trimmed(tick / unit) + name;
    }

    private static String trimmed(double value) {
        var text = String.format(Locale.ROOT, "%.4f", value);
        return text.replaceAll("\\.?0+$", "").replace('-', '−');
    }

    private static String scientific(double value) {
        return String.format(Locale.ROOT, "%.0e", value).replace('-', '−');
    }
}
