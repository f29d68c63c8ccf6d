package io.hindcast.jobs;

import com.typesafe.config.ConfigException;
import io.hindcast.config.Outside;
import io.hindcast.config.RunFailure;
import io.hindcast.config.UserException;
import io.hindcast.table.DamagedFile;
import java.util.regex.Pattern;
import org.apache.commons.lang3.exception.ExceptionUtils;

/**
 * The exit code and the line with which a job ends after an exception. What is the user's to mend ends with 2, what
 * failed while it ran with 3, both with one line; only a fault of hindcast's own ends with 1.
 *
 * @param code the exit code
 * @param line what is printed
 */
record Ending(int code, String line) {
    static final int FAULT = 1;
    static final int WRONG_INPUT = 2;
    static final int WITH_PROBLEMS = 3;

    private static final Pattern OUT_OF_MEMORY = Pattern.compile("java\\.lang\\.OutOfMemoryError: ([^\\n]+)");
    private static final Pattern LOST =
            Pattern.compile("ExecutorLostFailure[^\\n]*|FetchFailed[^\\n]*|Master removed our application[^\\n]*"
                    + "|All masters are unresponsive[^\\n]*|SparkContext was shut down|stopped SparkContext");

    /** What {@code e} means; Spark wraps what a task throws, or passes it on as text. */
    static Ending of(Throwable e) {
        var user = ExceptionUtils.throwableOfType(e, UserException.class);
        if (user != null) {
            return new Ending(WRONG_INPUT, String.valueOf(user.getMessage()));
        }
        var failure = ExceptionUtils.throwableOfType(e, RunFailure.class);
        if (failure != null) {
            return new Ending(WITH_PROBLEMS, String.valueOf(failure.getMessage()));
        }
        var memory = OUT_OF_MEMORY.matcher(String.join("\n", ExceptionUtils.getStackFrames(e)));
        if (memory.find()) {
            return new Ending(WRONG_INPUT, outOfMemory(memory.group(1)));
        }
        var damaged = DamagedFile.of(e);
        if (damaged.isPresent()) {
            return new Ending(WRONG_INPUT, String.valueOf(damaged.get().getMessage()));
        }
        var outside = Outside.of(e);
        if (outside.isPresent()) {
            return new Ending(
                    WRONG_INPUT,
                    "Cannot go on: " + outside.get().reason() + "; "
                            + outside.get().cure());
        }
        if (e instanceof ConfigException mistake) {
            return new Ending(
                    WRONG_INPUT,
                    "Cannot use the configuration: " + Configuration.oneLine(mistake)
                            + "; mend it (the format is HOCON)");
        }
        var lost = LOST.matcher(ExceptionUtils.getStackTrace(e));
        if (lost.find()) {
            return new Ending(
                    WITH_PROBLEMS,
                    "Cannot go on: Spark lost what worked for it ("
                            + lost.group().strip()
                            + "); look at the logs of its executors, then run the same command again");
        }
        return new Ending(FAULT, "This is a fault of hindcast or of what it runs on; the lines above say where.");
    }

    private static String outOfMemory(String reason) {
        return "Cannot go on: the memory of a task is full (" + reason.strip() + "); give more,"
                + " HINDCAST_DRIVER_MEMORY=8g for example (on a cluster --spark spark.executor.memory=8g), or less to do at"
                + " once: smaller files, shorter episodes, fewer cores (--master 'local[1]')";
    }
}
