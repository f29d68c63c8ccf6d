package io.hindcast.jobs;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.commons.text.WordUtils;
import org.apache.spark.package$;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The texts of {@code --help}, {@code --version} and {@code --dry-run}. */
final class Usage {
    private static final int WIDTH = 100;

    private Usage() {}

    /** The list of all jobs. */
    static String all(List<Job<?>> jobs) {
        var text = new StringBuilder("""
                Usage: ./hindcast JOB [options]

                Offline reinforcement learning on Apache Spark: from logged transitions to evaluated policies.

                Jobs:
                """);
        jobs.forEach(job -> text.append("  %-11s %s%n".formatted(job.name(), job.sentence())));
        return text.append("""
                  pipeline    runs the stages that the configuration lists, in one Spark session
                  quickstart  runs the pipeline of conf/quickstart.conf, into out/quickstart unless --out is given

                ./hindcast JOB --help lists the options and configuration keys of a job.
                Exit codes: 0 done, 1 a fault of hindcast, 2 wrong input or configuration, 3 done, but a run failed or diverged.
                """).toString();
    }
}
