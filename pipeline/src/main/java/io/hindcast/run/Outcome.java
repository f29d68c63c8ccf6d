package io.hindcast.run;

import io.hindcast.config.Secrets;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** How a run ended. */
public sealed interface Outcome extends Serializable {
    /** One word for tables: {@code finished}, {@code diverged}, {@code stopped} or {@code failed}. */
    String word();

    /** Why it did not finish, for people; null if it did. */
    default @Nullable String reason() {
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
     * Something went wrong that is not the learner's doing.
     *
     * @param reason for people
     */
    record Failed(String reason) implements Outcome {
        /** A password in an address that it names is hidden, since the reason stands in tables. */
        public Failed {
            reason = Secrets.hideByForm(reason);
        }

        @Override
        public String word() {
            return "failed";
        }
    }
}
