package io.hindcast.config;

/** An interval of numbers in the usual notation: {@code [} and {@code ]} include the end, {@code (} and {@code )} do not. */
record Interval(double low, boolean lowIncluded, double high, boolean highIncluded) {

    /** Reads {@code [0, 1)}; {@code inf} and {@code -inf} stand for no bound. */
    static Interval parse(String text) {
        var comma = text.indexOf(',');
        if (comma < 0 || text.length() < 5) {
            throw new IllegalArgumentException("Cannot read interval '" + text + "': it has no two ends");
        }
        return new Interval(
                number(text.substring(1, comma)),
                text.charAt(0) == '[',
                number(text.substring(comma + 1, text.length() - 1)),
                text.charAt(text.length() - 1) == ']');
    }

    boolean contains(double value) {
        return (lowIncluded ? value >= low : value > low) && (highIncluded ? value <= high : value < high);
    }

    private static double number(String text) {
        return switch (text.strip()) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text.strip());
        };
    }
}
