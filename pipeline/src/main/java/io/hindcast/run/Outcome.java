package io.hindcast.run;

import io.hindcast.config.Outside;
import io.hindcast.config.Secrets;
import java.io.Serializable;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.jspecify.annotations.Nullable;

/** How a run ended. */
public sealed interface Outcome extends Serializable {
    /** One word for tables: {@code finished}, {@code diverged}, {@code stopped} or {@code failed}. */
    String word();

    /** Why it did not finish, for people; null if it did. */
    default @Nullable String reason() {
        return null;
    }

    /** Where in hindcast it failed; null if it did not fail, or if that is not known. */
    default @Nullable String at() {
        return null;
    }

    /** All updates were done. */
    record Finished() implements Outcome {
        @Override
        public String word() {
            return "finished";
        }
    }

    /**
     * A loss is not finite or is exploding; the last good checkpoint is kept.
     *
     * @param step the update in which it happened
     * @param metric the loss to blame
     */
    record Diverged(long step, String metric, double value) implements Outcome {
        @Override
        public String word() {
            return "diverged";
        }

        @Override
        public String reason() {
            return metric + " = " + value + " in update " + step;
        }
    }

    /**
     * It was told to stop, left a checkpoint, and goes on from there when it is submitted again.
     *
     * @param reason for people
     */
    record Stopped(String reason) implements Outcome {
        @Override
        public String word() {
            return "stopped";
        }
    }

    /**
     * Something was thrown, or the executor was lost.
     *
     * @param reason for people, in one line: what was thrown, and what caused it
     * @param at the first method of hindcast's own where the first cause was thrown, for example
     *     {@code io.hindcast.learn.Iql.update(Iql.java:120)}; null if none is known
     * @param trace everything that was thrown with its causes and calls, in several lines; empty if it is not known
     */
    record Failed(String reason, @Nullable String at, String trace) implements Outcome {
        private static final int LONGEST_REASON = 2_000;
        private static final int LONGEST_TRACE = 50_000;
        private static final Pattern CAUSE = Pattern.compile("\\nCaused by: ");
        private static final Pattern OWN =
                Pattern.compile("\\n\\s+at (?:\\S*/)?(io\\.hindcast\\.[^\\s(]+\\([^)\\n]*\\))");

        /** A password in an address that they name is hidden, since both are written to files. */
        public Failed {
            reason = StringUtils.abbreviate(Secrets.hideByForm(reason), LONGEST_REASON);
            // Its beginning says what was thrown, its end what was the first cause.
            trace = StringUtils.abbreviateMiddle(Secrets.hideByForm(trace), "\n...\n", LONGEST_TRACE);
        }

        /** What is known of something that was thrown. */
        public static Failed of(Throwable thrown) {
            return of(Outside.reason(thrown), ExceptionUtils.getStackTrace(thrown));
        }

        /**
         * The same where it was thrown in another JVM.
         *
         * @param trace as {@link Throwable#printStackTrace()} prints it; empty if it is not known
         */
        public static Failed of(String reason, String trace) {
            return new Failed(reason, at(trace.replace("\r\n", "\n")), trace.strip());
        }

        private static @Nullable String at(String trace) {
            var causes = CAUSE.split(trace, -1);
            for (var i = causes.length - 1; i >= 0; i--) {
                var own = OWN.matcher(causes[i]);
                if (own.find()) {
                    return own.group(1);
                }
            }
            return null;
        }

        /** The same with everything hidden that {@code hide} knows to be a secret. */
        public Failed hiding(UnaryOperator<String> hide) {
            return new Failed(hide.apply(reason), at, hide.apply(trace));
        }

        @Override
        public String word() {
            return "failed";
        }
    }
}
