package io.hindcast.jobs;

import io.hindcast.config.Outside;
import io.hindcast.config.Secrets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.deploy.SparkSubmit;

/**
 * What {@code bin/spark-submit} of a Spark installation does, for the launcher, which needs none. Mistakes in the job's arguments
 * are told before Spark's own classes are loaded; where Spark refuses its settings before a job begins, this is one line.
 */
public final class Submit {
    private Submit() {}

    /** Takes the arguments of {@code spark-submit}; every option before the jar has a value. */
    public static void main(String[] args) {
        var secrets = new Secrets();
        secrets.learnArguments(List.of(args), Set.of());
        System.setOut(HidingStream.before(System.out, secrets));
        System.setErr(HidingStream.before(System.err, secrets));
        var wrong = Hindcast.check(ofJob(args));
        if (wrong != Hindcast.DONE) {
            System.exit(wrong);
        }
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

    private static String[] ofJob(String[] args) {
        var jar = 0;
        while (jar < args.length && args[jar].startsWith("--")) {
            jar += 2;
        }
        return Arrays.copyOfRange(args, Math.min(jar + 1, args.length), args.length);
    }
}
