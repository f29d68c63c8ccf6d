package io.hindcast.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.text.StringEscapeUtils;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of this process, which must not be shown. Some of it is known by its form: the password in {@code
 * ftp://me:password@host}, the value in {@code ?token=value}. The rest is known because this process was given it: an
 * instance learns the values of keys, arguments and variables that name secrets, and hides them in any text, so also
 * where another library quotes them. Safe for several threads.
 */
public final class Secrets {
    /** What is shown in place of a secret. */
    public static final String HIDDEN = "***";

    /** Shorter ones are hidden where they belong, but not looked for: each "a" of a text would be one. */
    private static final int SHORTEST = 4;

    /** Shorter ones are hidden only where they are words of their own, not within "latest". */
    private static final int SURE = 8;

    private static final int SHORTEST_OF_VARIABLES = 8;

    /** Of an address: user and password have no more characters. */
    private static final int LONGEST_USER = 4_000;

    private static final Pattern NAME = Pattern.compile("(?i)secret|passw|passphrase|pwd|token|credential|signature"
            + "|(?:api|access|account|private|encryption|shared)[-_.]?key|(?:^|[-_.])(?:pass|auth|sig|sas|key)$");

    /** Settings that are called keys, and name columns or stand for their numbers. */
    private static final Set<String> NAMES_OF_COLUMNS =
            Set.of("predict.key", "predict.columns.missing-key", "ingest.columns.missing-key");

    private static final Pattern VARIABLE = Pattern.compile(
            "(?i).*(?:password|passwd|passphrase|secret|token|(?:api|access|account|private|secret)_?key)");

    /** An assignment within an address or a text; within an address some short names do as well. */
    private static final Pattern ASSIGNED =
            Pattern.compile("(?i)(?:(?:secret|passwo?r?d|passphrase|pwd|token|credentials?|signature"
                    + "|(?:api|access|account|private|encryption|shared)[-_.]?key)[\\w.-]{0,16}"
                    + "|(?<=[?&;#,:])(?:pass|auth|sig|sas|key|code))=");

    private static final Pattern ASSIGNED_VALUE =
            Pattern.compile("\\{[^}\\n]*+}?|\"[^\"\\n]*+\"?|'[^'\\n]*+'?|[^&;\\s\"'<>,)}\\]]*+");

    private static final Pattern ORACLE = Pattern.compile("(?i)jdbc:oracle:[a-z0-9]{1,20}:[^/\\s@\"']{0,200}/");

    /** What stands before an @ there is a container or the name of a user. */
    private static final Set<String> NAMES_BEFORE_AT =
            Set.of("", "abfs", "abfss", "wasb", "wasbs", "hdfs", "webhdfs", "viewfs", "sftp", "ssh");

    private static final Pattern PLAIN = Pattern.compile("[\\w.-]*");

    private static final String ENDS_A_WORD = " \t\r\n\"'<>`";
    private static final String ENDS_AN_AUTHORITY = "/?#\\" + ENDS_A_WORD;
    private static final Pattern NO_SECRET = Pattern.compile("(?i)true|false|null|none|\\*+|" + Pattern.quote(HIDDEN));

    private volatile List<String> known = List.of();

    private final Set<String> learned = ConcurrentHashMap.newKeySet();

    /** The same where strings are escaped, of those that have something to escape. */
    private final Map<String, Pattern> escaped = new ConcurrentSkipListMap<>(
            Comparator.comparing(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    /** A stretch of a text that is a secret. */
    private record Span(int start, int end) {}

    private static final Comparator<Span> BY_PLACE =
            Comparator.comparingInt(Span::start).thenComparingInt(Span::end);

    /** Whether a key of that name, or of that path, holds a secret: {@code spark.hadoop.fs.s3a.secret.key}. */
    public static boolean isName(String key) {
        return NAME.matcher(key).find() && !NAMES_OF_COLUMNS.contains(key);
    }

    /** A regular expression that finds something in the names of keys that hold a secret. */
    public static String names() {
        return NAME.pattern();
    }

    /**
     * A text without the secrets that are known by their form.
     *
     * @param text any, for example a message
     */
    public static String hideByForm(String text) {
        return hide(text, spans(text, false));
    }

    /** A path or address without the password of its user. Nothing else of it is hidden: a folder may be named {@code token=a}. */
    public static String hideUser(String path) {
        var spans = new TreeSet<>(BY_PLACE);
        addUsers(path, true, spans);
        return hide(path, List.copyOf(spans));
    }

    /** The same of a text that is one address from its first to its last character, whatever characters its password has. */
    static String hideWithin(String address) {
        return hide(address, spans(address, true));
    }

    /** A text without the secrets that are known by their form or were learned. */
    public String hide(String text) {
        var hidden = text;
        for (var secret : escaped.values()) {
            hidden = secret.matcher(hidden).replaceAll(HIDDEN);
        }
        for (var secret : known) {
            hidden = hide(hidden, occurrences(hidden, secret));
        }
        return hideByForm(hidden);
    }

    /** From now on {@code secret} is hidden, in whatever way it is quoted. Very short ones and words such as true are not. */
    public synchronized void learn(String secret) {
        learned.add(secret);
        var all = new LinkedHashSet<>(known);
        var ways = Stream.of(secret, secret.replaceAll("\\s+", " "), secret.replace("\n", "\\n"));
        var parts = Stream.concat(ways, secret.lines());
        parts.map(String::strip)
                .filter(part ->
                        part.length() >= SHORTEST && !NO_SECRET.matcher(part).matches())
                .forEach(part -> {
                    var encoded = URLEncoder.encode(part, StandardCharsets.UTF_8);
                    all.addAll(List.of(
                            part,
                            decoded(part),
                            encoded,
                            encoded.replace("+", "%20"),
                            StringEscapeUtils.escapeHtml4(part)));
                    if (!PLAIN.matcher(part).matches()) {
                        escaped.put(part, escaped(part));
                    }
                    if (part.length() >= SURE) {
                        all.addAll(inBase64(part));
                    }
                });
        all.removeIf(part -> part.length() < SHORTEST);
        known = all.stream()
                .sorted(Comparator.comparing(String::length).reversed())
                .toList();
    }

    /** What was learned so far, so that another process can learn it. */
    public Set<String> learned() {
        return Set.copyOf(learned);
    }

    /** Learns what is secret within an address, or in a text that holds some. */
    public void learnWithin(String text) {
        for (var span : spans(text, true)) {
            learn(text.substring(span.start(), span.end()));
        }
        for (var span : spans(text, false)) {
            learn(text.substring(span.start(), span.end()));
        }
    }

    /**
     * Learns from command-line arguments, also from ones that will be refused: {@code --set password=x}, {@code --set "password x"},
     * {@code --sett=password=x}, {@code password = x}.
     *
     * @param guarded names of settings below which all values may be secrets
     */
    public void learnArguments(List<String> arguments, Set<String> guarded) {
        var isOption = false; // whether the argument before is one that a key follows
        var isKey = false; // whether it is a key that lacks its value
        var isValueNext = false;
        var before = "";
        for (var argument : arguments) {
            learnWithin(argument);
            var namesColumn = namesColumn(before, argument, arguments);
            before = argument;
            if (namesColumn) {
                isOption = isKey = isValueNext = false;
                continue;
            }
            if (isValueNext && !argument.startsWith("--")) {
                learnTokens(argument);
            }
            learnAssigned(argument, guarded);
            var bare = argument.replaceFirst("[=:\\s]+$", "");
            var isSign = bare.isEmpty() && !argument.isEmpty();
            var isName = isGuarded(bare, guarded);
            isValueNext = isSign ? isKey || isValueNext : isName && (isOption || bare.length() < argument.length());
            isKey = isName;
            isOption = argument.equals("--set") || argument.equals("--spark") || argument.equals("--conf");
        }
    }

    /** Whether it is {@code key=value} after {@code --set}, of a setting of the job's own that names a column. */
    private static boolean namesColumn(String before, String argument, List<String> arguments) {
        var set = before.equals("--set") ? "--set=" + argument : argument;
        return NAMES_OF_COLUMNS.stream()
                .map(name -> name.split("\\.", 2))
                .anyMatch(name -> set.startsWith("--set=" + name[1] + "=") && arguments.contains(name[0]));
    }

    /** Learns the value of {@code key=value}, whatever stands between the two. */
    private void learnAssigned(String text, Set<String> guarded) {
        var isAssigned = false;
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            var isSpace = c == ' ' || c == '\t' || c == '\n';
            if ((c == '=' || c == ':' || (isSpace && !isAssigned))
                    && isGuarded(text.substring(0, i).strip(), guarded)) {
                learnTokens(text.substring(i + 1).replaceFirst("^[\\s=:]+", ""));
                return;
            }
            isAssigned |= c == '=' || c == ':';
        }
    }

    /**
     * Learns the values of keys that name a secret or stand below one of {@code guarded}, and the secrets in addresses.
     *
     * @param guarded names of settings below which all values may be secrets
     */
    public void learnConfiguration(ConfigObject object, Set<String> guarded) {
        learn(object, "", guarded);
    }

    /** Learns from the text of a configuration that is none: what follows a name of a secret in its line. */
    public void learnUnreadable(String text, Set<String> guarded) {
        text.lines().forEach(line -> {
            learnArguments(List.of(line.strip()), guarded);
            learnAssigned(line.strip().replace("\"", ""), guarded);
        });
    }

    /** Learns a variable of the environment, or a property, if its name says that it is a secret and no path to one. */
    public void learnVariable(String name, String value) {
        if (VARIABLE.matcher(name).matches() && value.length() >= SHORTEST_OF_VARIABLES && !value.startsWith("/")) {
            learn(value);
        }
        if (value.contains("@")) {
            learnWithin(value);
        }
    }

    private void learn(ConfigValue value, String path, Set<String> guarded) {
        if (value instanceof ConfigObject object) {
            object.forEach((key, item) -> {
                learn(item, path.isEmpty() ? key : path + "." + key, guarded);
                learnWithin(key);
            });
        } else if (value instanceof ConfigList list) {
            list.forEach(item -> learn(item, path, guarded));
        } else if (value.valueType() != ConfigValueType.NULL) {
            var text = value.atKey("v").getString("v");
            if (isName(path) || (isBelow(path, guarded) && looksRandom(text))) {
                learn(text);
            }
            learnWithin(text);
        }
    }

    /** A value, which may be written as HOCON. */
    private void learnTokens(String value) {
        learn(value);
        learn(value.strip().replaceAll("^\"+|\"+$", ""));
        for (var token : value.split("[\\s{}\\[\\]\",:=]+", -1)) {
            if (!isName(token)) {
                learn(token);
            }
        }
    }

    private static boolean isGuarded(String key, Set<String> guarded) {
        var name =
                key.substring(Math.max(key.lastIndexOf('='), Math.max(key.lastIndexOf(' '), key.lastIndexOf('{'))) + 1);
        return isName(name) || isBelow(name, guarded);
    }

    private static boolean isBelow(String path, Set<String> guarded) {
        return Arrays.stream(path.split("\\.", -1)).anyMatch(guarded::contains);
    }

    /** Of keys that may or may not hold a secret: not what tells a table, a class or a path, which messages need. */
    private static boolean looksRandom(String text) {
        return text.length() >= SURE
                && text.chars().anyMatch(Character::isDigit)
                && text.chars().anyMatch(Character::isLetter)
                && text.chars().noneMatch(c -> c == '/' || c == '.' || Character.isWhitespace(c));
    }

    /**
     * As programs print strings within strings: any number of backslashes before a character, and a letter that is not ASCII as its
     * code. Those before the first one may stay.
     */
    private static Pattern escaped(String text) {
        var pattern = new StringBuilder();
        var before = '\\';
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '\\') {
                pattern.append(before == '\\' && pattern.length() > 0 ? "" : "\\\\+");
            } else {
                pattern.append(before == '\\' ? "" : "\\\\*")
                        .append(
                                c < 0x7f
                                        ? Pattern.quote(String.valueOf(c))
                                        : String.format("(?:%s|u(?i:%04x))", c, (int) c));
            }
            before = c;
        }
        return Pattern.compile(pattern.toString());
    }

    /** As in the header {@code Authorization: Basic}, where anything may stand before it: what three of its letters make is known. */
    private static List<String> inBase64(String text) {
        var forms = new ArrayList<String>();
        for (var before = 0; before < 3; before++) {
            var bytes = ("\0".repeat(before) + text).getBytes(StandardCharsets.UTF_8);
            var encoded = Base64.getEncoder().withoutPadding().encodeToString(bytes);
            // The letters at its ends depend on what stands beside it.
            var sure = encoded.substring(before == 0 ? 0 : before + 1, bytes.length / 3 * 4);
            forms.add(sure);
            forms.add(sure.replace('+', '-').replace('/', '_'));
        }
        return forms;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // it is not encoded
        }
    }

    private static List<Span> occurrences(String text, String secret) {
        var found = new ArrayList<Span>();
        for (var at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
            var end = at + secret.length();
            if (secret.length() >= SURE || !isWithinWord(text, at, end)) {
                found.add(new Span(at, end));
            }
        }
        return found;
    }

    private static boolean isWithinWord(String text, int start, int end) {
        return (start > 0
                        && Character.isLetterOrDigit(text.charAt(start - 1))
                        && Character.isLetterOrDigit(text.charAt(start)))
                || (end < text.length()
                        && Character.isLetterOrDigit(text.charAt(end - 1))
                        && Character.isLetterOrDigit(text.charAt(end)));
    }

    private static String hide(String text, List<Span> spans) {
        if (spans.isEmpty()) {
            return text;
        }
        var hidden = new StringBuilder();
        var shown = 0; // up to where the text is done
        for (var span : spans) {
            if (span.start() >= shown) {
                hidden.append(text.substring(shown, span.start())).append(HIDDEN);
            }
            shown = Math.max(shown, span.end());
        }
        return hidden.append(text.substring(shown)).toString();
    }

    /** In their order; they may overlap. */
    private static List<Span> spans(String text, boolean whole) {
        if (text.indexOf('@') < 0 && text.indexOf('=') < 0) {
            return List.of();
        }
        var spans = new TreeSet<>(BY_PLACE);
        addUsers(text, whole, spans);
        var oracle = ORACLE.matcher(text);
        while (oracle.find()) {
            var at = text.indexOf('@', oracle.end());
            if (at >= 0) {
                spans.add(new Span(oracle.end(), at));
            }
        }
        var assigned = ASSIGNED.matcher(text);
        var value = ASSIGNED_VALUE.matcher(text);
        for (var from = 0; from <= text.length() && assigned.find(from); ) {
            from = assigned.end();
            value.region(from, text.length());
            if (value.lookingAt() && value.end() > from) {
                if (!isHidden(value.group())) {
                    spans.add(new Span(from, value.end()));
                }
                from = value.end();
            }
        }
        return List.copyOf(spans);
    }

    private static boolean isHidden(String value) {
        return value.equals(HIDDEN) || value.equals('"' + HIDDEN + '"');
    }

    private static void addUsers(String text, boolean whole, Set<Span> spans) {
        for (var slashes = text.indexOf("//"); slashes >= 0; slashes = text.indexOf("//", slashes + 2)) {
            addUser(text, slashes, whole, spans);
        }
    }

    /** The password, or whatever stands before the @, of an address whose authority begins after {@code slashes}. */
    private static void addUser(String text, int slashes, boolean whole, Set<Span> spans) {
        var scheme = scheme(text, slashes);
        if (scheme == null) {
            return;
        }
        var start = slashes + 2;
        // So that a text of nothing but slashes takes no time.
        var end = Math.min(text.length(), start + LONGEST_USER);
        var user = user(text.substring(start, end), scheme, whole);
        if (user != null) {
            spans.add(new Span(start + user.start(), start + user.end()));
        }
    }

    /**
     * What is hidden of the user in what follows the slashes of an address.
     *
     * @param whole whether nothing follows the address
     */
    private static @Nullable Span user(String text, String scheme, boolean whole) {
        var authority = indexOfAny(text, ENDS_AN_AUTHORITY, 0);
        var colon = text.indexOf(':');
        var at = text.indexOf('@');
        var isPlain = at >= 0 && at < authority;
        if (isPlain && (colon < 0 || colon > at)) {
            var end = text.lastIndexOf('@', authority - 1);
            var user = text.substring(0, end);
            var isName = NAMES_BEFORE_AT.contains(scheme)
                    && !user.toLowerCase(Locale.ROOT).contains("%3a");
            return user.isEmpty() || user.equals(HIDDEN) || isName ? null : new Span(0, end);
        }
        if (at < 0 || colon < 0 || colon > authority || text.startsWith("[")) {
            return null;
        }
        // A password may hold what ends an authority, but host:21/ is none.
        if (!isPlain && isPort(text, colon + 1, authority)) {
            return null;
        }
        var most = whole ? text.length() : isPlain ? authority : indexOfAny(text, ENDS_A_WORD, authority);
        var end = text.lastIndexOf('@', most - 1);
        var isShown = colon + 1 < end && !text.substring(colon + 1, end).equals(HIDDEN);
        return isShown ? new Span(colon + 1, end) : null;
    }

    private static boolean isPort(String text, int start, int end) {
        return text.substring(start, end).chars().allMatch(Character::isDigit);
    }

    /** The scheme before the slashes, empty if there is none; null if they stand within a path. */
    private static @Nullable String scheme(String text, int slashes) {
        if (slashes == 0 || ("(=," + ENDS_A_WORD).indexOf(text.charAt(slashes - 1)) >= 0) {
            return "";
        }
        if (text.charAt(slashes - 1) != ':') {
            return null;
        }
        var start = slashes - 1;
        while (start > 0 && Character.isLetterOrDigit(text.charAt(start - 1))) {
            start--;
        }
        return text.substring(start, slashes - 1).toLowerCase(Locale.ROOT);
    }

    private static int indexOfAny(String text, String ends, int from) {
        for (var i = from; i < text.length(); i++) {
            if (ends.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }
}
