package io.hindcast.config;

import java.nio.file.AccessDeniedException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.ChecksumException;
import org.jspecify.annotations.Nullable;

/**
 * Errors of disks, file systems and networks in plain words. It is known by its message rather than its class: Hadoop
 * and Spark wrap it in classes of their own, errors among them, or pass it on as text.
 *
 * @param reason what is wrong
 * @param cure what a user can do
 */
public record Outside(String reason, String cure) {
    private static final String ROOM =
            "make room on the disks of --out and of Spark (--spark spark.local.dir=DIR), then run the same command again";
    private static final String RIGHTS = "change its permissions, or run hindcast as a user who has them";
    private static final String NETWORK = "check the address and that it is up, then run the same command again";
    private static final String JAR = "give Spark the jars of that file system, for example --spark"
            + " spark.jars.packages=org.apache.hadoop:hadoop-aws:VERSION for s3a, or use another path";
    private static final String SCHEME =
            "use a path of this machine, or a URI that Hadoop knows, such as hdfs:// or s3a://";

    /** Groups of a pattern fill {@code $1} of its reason. */
    private record Sign(Pattern said, String reason, String cure) {}

    private static final List<Sign> SIGNS = List.of(
            sign("No space left on device|not enough space on the disk", "the disk is full ($0)", ROOM),
            sign(
                    "quota (?:of .* )?(?:is |was )?exceeded|[NQD]SQuotaExceeded\\w*",
                    "the quota of disk space is used up",
                    ROOM),
            sign("could only be written to 0 of the .*", "no data node of HDFS has room ($0)", ROOM),
            sign("Read-only file system", "it is on a file system that can only be read", "choose another place"),
            sign(
                    "(?:^|: )((?:(?!: )[^\\n])+) \\(Permission denied\\)",
                    "$1 may not be read or written (Permission denied)",
                    RIGHTS),
            sign("Permission denied.*", "it may not be read or written ($0)", RIGHTS),
            sign("Operation not permitted", "the system does not permit it (Operation not permitted)", RIGHTS),
            sign("(?:\\S+ \\()?File name too long\\)?", "the name of a file would be too long", "choose shorter names"),
            sign(
                    "Too many open files",
                    "this process has too many files open",
                    "allow more (ulimit -n 65536) or do less at once (--master 'local[1]')"),
            sign("Input/output error", "the disk failed (Input/output error)", "check the disk, then run it again"),
            sign(
                    "Stale file handle",
                    "the network disk failed (Stale file handle)",
                    "mount it again, then run it again"),
            sign(
                    "(?:ClassNotFoundException: )?Class (org\\.apache\\.hadoop\\.fs\\.\\S+|\\S+FileSystem) not found",
                    "the class $1 of its file system is not there",
                    JAR),
            sign("No FileSystem for scheme \"?([^\"\\s]+)\"?", "there is no file system for $1://", SCHEME),
            sign("No AbstractFileSystem configured for scheme: (\\S+)", "there is no file system for $1://", SCHEME),
            sign(
                    "Not implemented by the (\\S+) FileSystem implementation",
                    "$1 can neither list nor write files",
                    "copy the files to a disk, HDFS or an object store first"),
            sign(
                    "Can not create a Path from an? (?:empty|null) string",
                    "a path is empty",
                    "give one, or leave the setting out"),
            sign(
                    "Expected (?:scheme name|authority|scheme-specific part) at index .*",
                    "a path is no URI ($0)",
                    SCHEME),
            sign("UnknownHostException: (?:.*: )?(\\S+)", "there is no host $1", NETWORK),
            sign("Connection refused", "nothing answers there (Connection refused)", NETWORK),
            sign(
                    "Connection reset|Broken pipe|No route to host|Connection timed out|[Rr]ead timed out",
                    "the network failed ($0)",
                    NETWORK),
            // Last: Hadoop does not say why, unless one of the others does.
            sign(
                    "(?:mkdir of|Mkdirs failed to create) \\S+.*",
                    "no directory can be made there ($0)",
                    "make room, or change its permissions, then run the same command again"));

    private static Sign sign(String said, String reason, String cure) {
        return new Sign(Pattern.compile(said), reason, cure);
    }

    /** What {@code e} or what it came from says; empty if it is none of what this class knows. */
    public static Optional<Outside> of(Throwable e) {
        var causes = ExceptionUtils.getThrowableList(e);
        for (var i = causes.size() - 1; i >= 0; i--) {
            var found = one(causes.get(i));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Outside> one(Throwable e) {
        if (e instanceof ReadOnlyFileSystemException) {
            return said("Read-only file system");
        }
        if (e instanceof AccessDeniedException denied && denied.getReason() == null) {
            return said(denied.getFile() + " (Permission denied)");
        }
        if (e instanceof ChecksumException) {
            return Optional.of(
                    new Outside(
                            "its bytes are not those that were written (" + firstLine(e.getMessage()) + ")",
                            "put the file back as it was, with its .crc file, or remove both and run the job that wrote them again"));
        }
        if (e instanceof UnsupportedOperationException && e.getStackTrace().length > 0) {
            var place = e.getStackTrace()[0].getClassName();
            if (place.startsWith("org.apache.hadoop.fs.")) {
                return said("Not implemented by the "
                        + place.substring(place.lastIndexOf('.') + 1).replace("Abstract", "")
                        + " FileSystem implementation");
            }
        }
        return said(e.toString());
    }

    /** The same for a text, in which what was thrown is one of the lines. */
    public static Optional<Outside> said(String text) {
        for (var sign : SIGNS) {
            var found = sign.said().matcher(text);
            if (found.find()) {
                return Optional.of(new Outside(filled(sign.reason(), found), sign.cure()));
            }
        }
        return Optional.empty();
    }

    private static String filled(String reason, Matcher found) {
        var text = reason.replace("$0", firstLine(found.group()));
        return found.groupCount() == 0 ? text : text.replace("$1", firstLine(found.group(1)));
    }

    /** "Reason; cure" of what went wrong, for the end of a message; of what is not known here its own words and {@code otherwise}. */
    public static String words(Throwable e, String otherwise) {
        return of(e).map(known -> known.reason() + "; " + known.cure()).orElseGet(() -> plain(e) + "; " + otherwise);
    }

    /** The reason in one sentence, for where a run failed. */
    public static String reason(Throwable e) {
        if (e instanceof UserException || e instanceof RunFailure) {
            return firstLine(e.getMessage()); // a sentence already
        }
        return of(e).map(known -> tried(e) + known.reason()).orElseGet(() -> chain(e));
    }

    /** What was thrown and what caused it, unless that is said already. */
    private static String chain(Throwable e) {
        var words = new StringBuilder(firstLine(e.toString()));
        for (var cause : ExceptionUtils.getThrowableList(e)) {
            var more = firstLine(cause.toString());
            if (words.indexOf(more) < 0) {
                words.append("; caused by ").append(more);
            }
        }
        return words.toString();
    }

    /** What was tried, if the message is one of ours: "Cannot write checkpoint X: ". */
    private static String tried(Throwable e) {
        var message = firstLine(e.getMessage());
        var end = message.indexOf(": ");
        return message.startsWith("Cannot ") && end > 0 ? message.substring(0, end + 2) : "";
    }

    /** What the innermost cause says, with its class where the message alone says too little. */
    private static String plain(Throwable e) {
        var root = ExceptionUtils.getThrowableList(e).get(ExceptionUtils.getThrowableCount(e) - 1);
        var message = firstLine(root.getMessage());
        return message.contains(" ") ? message : firstLine(root.getClass().getSimpleName() + ": " + message);
    }

    private static String firstLine(@Nullable String text) {
        return (text == null ? "" : text).lines().findFirst().orElse("");
    }
}
