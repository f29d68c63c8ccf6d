package io.hindcast.report.chart;

import java.util.Locale;

/** Numbers as people read them; one that was not measured is a dash. */
public final class Numbers {
    public static final String ABSENT = "–";

    private Numbers() {}

    /** {@code 8184} is "8,184". */
    public static String whole(double value) {
        return Double.isFinite(value) ? minus(String.format(Locale.ROOT, "%,.0f", value)) : ABSENT;
    }

    public static String whole(long value) {
        return minus(String.format(Locale.ROOT, "%,d", value));
    }

    /** As many digits as say something: "−103.4", "−2.14", "0.0051". */
    public static String plain(double value) {
        return minus(digits(value, Math.abs(value)));
    }

    /** "−21.3 ± 1.2"; without a spread the mean alone. Both get the digits of the larger. */
    public static String spread(double mean, double spread) {
        var scale = Double.isFinite(spread) ? Math.max(Math.abs(mean), Math.abs(spread)) : Math.abs(mean);
        var text = digits(mean, scale);
        return minus(Double.isFinite(spread) ? text + " ± " + digits(spread, scale) : text);
    }

    /** "−33.9 to −17.4"; a dash without one. Both get the digits of the larger. */
    public static String range(double low, double high) {
        var scale = Math.max(Math.abs(low), Math.abs(high));
        return Double.isFinite(scale) ? minus(digits(low, scale) + " to " + digits(high, scale)) : ABSENT;
    }

    /** 0.104 is "10.4 %". */
    public static String percent(double share) {
        var percent = 100 * share;
        var text = String.format(Locale.ROOT, "%.1f", percent);
        return Double.isFinite(share) ? text.replace(".0", "") + " %" : ABSENT;
    }

    /** Numbers for a terminal, which may know no more than ASCII. */
    public static String ascii(String numbers) {
        return numbers.replace("−", "-").replace(ABSENT, "-").replace("±", "+/-");
    }

    private static String digits(double value, double scale) {
        if (!Double.isFinite(value)) {
            return ABSENT;
        }
        if (scale >= 1e7 || (scale > 0 && scale < 1e-4)) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        var decimals = scale >= 1_000 ? 0 : scale >= 10 || scale == 0 ? 1 : scale >= 1 ? 2 : scale >= 0.1 ? 3 : 4;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }

    private static String minus(String text) {
        return text.replace('-', '−');
    }
}
