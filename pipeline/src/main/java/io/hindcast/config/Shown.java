package io.hindcast.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text from files, environments and settings, made safe for a message: without characters that move a terminal's
 * cursor, start a control sequence or change the direction of writing.
 */
public final class Shown {
    private static final String CONTROL = "\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069\\u2028\\u2029";
    private static final Pattern UNSEEN = Pattern.compile("[" + CONTROL + "]");
    private static final Pattern UNSEEN_IN_A_LINE = Pattern.compile("[" + CONTROL + "&&[^\r\n\t]]|\r(?!\n)");

    private Shown() {}

    /** One line: a question mark stands for each control character and for each break. */
    public static String of(String text) {
        return UNSEEN.matcher(text).replaceAll("?");
    }

    /** The same of the first {@code most} characters: a file may make a name as long as it likes. */
    public static String beginning(String text, int most) {
        return of(text.substring(0, Math.min(most, text.length())));
    }

    /** Lines as they are, and control characters as {@code \}{@code u001b}, so that nothing is lost. */
    public static String escaped(String text) {
        return UNSEEN_IN_A_LINE
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        String.format("\\u%04x", (int) found.group().charAt(0))));
    }
}
