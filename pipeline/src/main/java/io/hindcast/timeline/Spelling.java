package io.hindcast.timeline;

/** How names of episodes and of categories are written. */
public final class Spelling {
    private Spelling() {}

    /** A name in its one spelling: of a whole number with a zero fraction (7.0, 7.) the whole number, else as it is. */
    public static String plain(String name) {
        var end = name.length() - 1;
        while (end > 0 && name.charAt(end) == '0') {
            end--;
        }
        if (end <= 0 || name.charAt(end) != '.') {
            return name;
        }
        var first = name.charAt(0) == '-' ? 1 : 0;
        for (var i = first; i < end; i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return name;
            }
        }
        return end == first ? name : name.substring(0, end);
    }
}
