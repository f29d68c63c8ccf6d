package io.hindcast.table;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import java.io.FileNotFoundException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.fs.ChecksumException;
import org.jspecify.annotations.Nullable;

/** Files of published tables whose bytes are not those that were published. */
public final class DamagedFile {
    private static final Pattern PART = Pattern.compile("((?:[a-z][a-z0-9+.-]*:)?/[^\\n\"']*?|[^\\s\"':]*)/("
            + Arrays.stream(TableName.values()).map(TableName::directory).collect(Collectors.joining("|"))
            + ")/v[0-9]+/(?!_)[^/\\n\"']+?\\.parquet");

    private static final Pattern DAMAGE = Pattern.compile(
            "FAILED_READ_FILE|is damaged|is not a Parquet file|CANNOT_READ_FILE_FOOTER|ParquetDecodingException|can not read class|"
                    + "could not read page|Could not read footer|verify-checksum|CRC|Checksum error|EOFException|FileNotFoundException");
    /** What a reader says that was stopped. */
    private static final Pattern STOPPED = Pattern.compile(
            "InterruptedException|InterruptedIOException|ClosedByInterruptException|ClosedChannelException"
                    + "|Stream is closed|Stream closed|Filesystem closed");

    private DamagedFile() {}

    /** The line for what was thrown while such a file was read, with the way on; empty if that is not the reason. */
    public static Optional<UserException> of(Throwable e) {
        var causes = ExceptionUtils.getThrowableList(e);
        var all = causes.stream().map(String::valueOf).collect(Collectors.joining("\n"));
        // A disk that fails, or a file that may not be read, is not damaged.
        var isOutside = Outside.of(e).isPresent() && ExceptionUtils.throwableOfType(e, ChecksumException.class) == null;
        if (isOutside || STOPPED.matcher(all).find() || !DAMAGE.matcher(all).find()) {
            return Optional.empty();
        }
        for (var cause : causes) {
            var part = PART.matcher(String.valueOf(cause));
            if (part.find()) {
                var isGone = ExceptionUtils.getStackTrace(e).contains("FileNotFoundException");
                return Optional.of(damaged(
                        part.group(),
                        isGone,
                        part.group(1),
                        TableName.valueOf(part.group(2).toUpperCase(Locale.ROOT)),
                        e));
            }
        }
        return Optional.empty();
    }

    /** The same for a file that was found so. */
    static UserException at(String root, TableName table, String path, @Nullable Exception cause) {
        return damaged(path, cause instanceof FileNotFoundException, root, table, cause);
    }

    private static UserException damaged(
            String path, boolean isGone, String root, TableName table, @Nullable Throwable cause) {
        return new UserException(
                "Cannot read " + plain(path) + ": the file is " + (isGone ? "not there any more" : "damaged")
                        + "; put it back from a copy, or " + wayOn(plain(root), table),
                cause);
    }

    /** As one writes a path of this machine. */
    private static String plain(String path) {
        return path.replaceFirst("^file:/+", "/");
    }

    private static String wayOn(String root, TableName table) {
        if (table == TableName.PROMOTIONS || table == TableName.VERSIONS) {
            return "remove the newest version of " + root + "/" + TableName.PROMOTIONS.directory()
                    + ", with which the last decision is forgotten, and run promote again";
        }
        var tables = switch (table) {
            case TRANSITIONS, EPISODES, QUARANTINE ->
                List.of(TableName.TRANSITIONS, TableName.EPISODES, TableName.QUARANTINE);
            case NOVELTY -> List.of(TableName.TRANSITIONS, TableName.EPISODES, TableName.QUARANTINE, TableName.NOVELTY);
            // Runs that are published anew took another time, and what was evaluated of these is not of them.
            case RUNS -> List.of(TableName.RUNS, TableName.METRICS, TableName.EVALUATIONS);
            case SUBSETS, SUBSET_STEPS -> List.of(TableName.SUBSETS, TableName.SUBSET_STEPS);
            case DATASET_STATE, DATASET_STATS -> List.of(TableName.DATASET_STATE, TableName.DATASET_STATS);
            case JUDGED_EPISODES, PROMISES -> List.of(table, TableName.ESTIMATES);
            case PREDICTIONS, PREDICTION_QUARANTINE -> List.of(TableName.PREDICTIONS, TableName.PREDICTION_QUARANTINE);
            case METRICS, EVALUATIONS, ESTIMATES, VERSIONS, PROMOTIONS -> List.of(table);
        };
        var folders = tables.stream().map(name -> root + "/" + name.directory()).toList();
        var last = folders.size() - 1;
        return "remove "
                + (last == 0 ? "" : String.join(", ", folders.subList(0, last)) + " and ") + folders.get(last)
                + " and run " + table.producers() + " again"
                + switch (table) {
                    case RUNS -> " (it goes on from the checkpoints, with nothing to train), then evaluate";
                    case METRICS -> " (it goes on from the checkpoints, with nothing to train)";
                    default -> "";
                };
    }
}
