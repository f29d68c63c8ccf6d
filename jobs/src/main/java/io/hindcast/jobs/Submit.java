package io.hindcast.jobs;

import io.hindcast.config.Outside;
import io.hindcast.config.Secrets;
import java.util.List;
import java.util.Set;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.deploy.SparkSubmit;

/**
 * What {@code bin/spark-submit} of a Spark installation does, for the launcher, which needs none. Where Spark refuses its settings
 * before a job begins, this is one line.
 */
public final class Submit {
    private Submit() {}

    /** Takes the arguments of {@code spark-submit}. */
    public static void main(String[] args) {
        var secrets = new Secrets();
        secrets.learnArguments(List.of(args), Set.of());
        System.setOut(HidingStream.before(System.out, secrets));
        System.setErr(HidingStream.before(System.err, secrets));
        try {
            SparkSubmit.main(args);
        } catch (Throwable e) { // Spark does not declare what it throws
            var console = new Console(System.out, System.err);
            if (List.of(args).contains("--debug")) {
                console.trace(e);
            }
            var root = ExceptionUtils.getThrowableList(e).get(ExceptionUtils.getThrowableCount(e) - 1);
            var reason = Outside.of(e)
                    .map(Outside::reason)
                    .orElseGet(() -> String.valueOf(root.getMessage())
                            .lines()
                            .findFirst()
                            .orElse(""));
            console.complain("Cannot start Spark: " + reason + "; check --master and --spark");
            System.exit(Ending.WRONG_INPUT);
        }
    }
}
