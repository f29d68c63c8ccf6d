package io.hindcast.stage;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serial;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkThrowable;
import org.apache.spark.TaskKilledException;
import org.apache.spark.rdd.InputFileBlockHolder;
import org.apache.spark.sql.execution.datasources.SchemaColumnConvertNotSupportedException;

/** Tells in one line why logs could not be read. */
public final class ReadFailure {
    /** Spark's own word for an input whose pages do not decode. */
    private static final Pattern FAILED_READ = Pattern.compile("^\\[FAILED_READ_FILE[^]]*] .*?file ([^\\s]+?)\\.?\\s");

    private ReadFailure() {}

    /**
     * What a task throws arrives wrapped; a user gets the one line at the bottom of it.
     *
     * @param work what is done, in words: {@code ingest NAME}
     * @throws UserException if it is the input, or the world outside, that is at fault
     */
    public static <T> T inOneLine(String work, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (Exception e) { // Spark throws checked exceptions that it does not declare
            var cause = ExceptionUtils.throwableOfType(e, UserException.class);
            if (cause != null) {
                throw cause;
            }
            var outside = Outside.of(e);
            var file = file(e);
            if (outside.isPresent()) {
                throw new UserException(
                        "Cannot " + work + ": "
                                + outside.get().reason()
                                + (file.isEmpty() ? "" : " (" + file + ")") + "; "
                                + outside.get().cure(),
                        e);
            }
            var root = ExceptionUtils.getRootCause(e);
            var value = said(e);
            if (value.isPresent()) {
                throw new UserException(
                        "Cannot " + work + ": " + SparkSource.message(value.get())
                                + "; that is said of the rows that are read: check the section spark and the table",
                        e);
            }
            if (file.isEmpty() && ExceptionUtils.throwableOfType(e, IOException.class) == null) {
                throw e;
            }
            throw new UserException(
                    "Cannot " + work + ": "
                            + StringUtils.normalizeSpace(ExceptionUtils.getMessage(root))
                            + (file.isEmpty() ? "" : " (" + file + ")") + "; " + cure(root, !file.isEmpty()),
                    e);
        }
    }

    /**
     * The rows of a task. What fails in another's code while they are decoded is told with the file that it came from: Spark names it
     * only where a page does not decode, not where a value is looked up later.
     */
    public static <T> Iterator<T> named(Iterator<T> rows) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return named(rows::hasNext);
            }

            @Override
            public T next() {
                return named(rows::next);
            }
        };
    }

    private static <T> T named(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (TaskKilledException | NoSuchElementException e) {
            throw e;
        } catch (RuntimeException e) {
            var file = InputFileBlockHolder.getInputFilePath().toString();
            var trace = ExceptionUtils.getRootCause(e).getStackTrace();
            var isOurs = trace.length > 0 && trace[0].getClassName().startsWith("io.hindcast.");
            throw isOurs || file.isEmpty() ? e : new Undecodable(file, e);
        }
    }

    /** A value of a file that is not there, or is of another kind than the file says. */
    private static final class Undecodable extends IllegalStateException {
        @Serial
        private static final long serialVersionUID = 1;

        private final String file;

        Undecodable(String file, RuntimeException cause) {
            super("a value of " + file + " does not decode", cause);
            this.file = file;
        }
    }

    /** What a database says, or Spark of a value: SQL's class 22. */
    private static Optional<Throwable> said(Exception e) {
        return ExceptionUtils.getThrowableList(e).stream()
                .filter(cause -> cause instanceof SQLException
                        || (cause instanceof SparkThrowable told
                                && String.valueOf(told.getSqlState()).startsWith("22")))
                .findFirst();
    }

    /** The file that Spark could not read, empty if it was something else that failed. */
    private static String file(Exception e) {
        var undecodable = ExceptionUtils.throwableOfType(e, Undecodable.class);
        if (undecodable != null) {
            return undecodable.file;
        }
        return ExceptionUtils.getThrowableList(e).stream()
                .map(cause -> FAILED_READ.matcher(String.valueOf(cause.getMessage())))
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst()
                .orElse("");
    }

    private static String cure(Throwable root, boolean isReading) {
        if (root instanceof FileNotFoundException) {
            return "a file has gone since it was found, run it again";
        }
        if (root instanceof SchemaColumnConvertNotSupportedException) {
            return "a column has several types in several files; format = parquet takes any numbers for one";
        }
        if (root instanceof UnsupportedOperationException) {
            return "the file is damaged, or written in a way that is not read; copy it again, or write it again";
        }
        return isReading
                ? "a file is damaged, copy it again"
                : "check that input and --out can be read and written, and that no file is damaged";
    }
}
