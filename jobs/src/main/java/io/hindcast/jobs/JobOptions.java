package io.hindcast.jobs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every job takes; picocli sets the fields. */
final class JobOptions {
    @Option(
            names = "--conf",
            paramLabel = "FILE",
            description = "The configuration, in HOCON; only what differs from the defaults.")
    @Nullable Path conf;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "Adds a run of published settings to the section train, under their name; may be repeated."
                    + " ./hindcast train --help lists them.")
    List<String> presets = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Sets one key, after the file and the presets; may be repeated, the last one wins. A key that starts"
                            + " with the name of a job or a root key counts from the root, any other belongs to this job.")
    List<String> sets = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The directory of the tables that are read and written; default: out.")
    @Nullable String out;

    @Option(
            names = "--append",
            description = "For ingest: adds to the dataset that is there; files it has seen are skipped. The same as"
                    + " --set ingest.append=true.")
    boolean append;

    @Option(
            names = "--against",
            paramLabel = "BUILD",
            description =
                    "For bench: another build, its hindcast.jar or its checkout, that is measured in turn with this one."
                            + " The same as --set bench.against=BUILD.")
    @Nullable String against;

    @Option(
            names = "--compare",
            paramLabel = "OUT",
            arity = "1..*",
            description =
                    "For report: the output directories whose results are set beside each other, a task each, on a page"
                            + " in --out. The same as --set report.compare=[OUT, ...].")
    List<String> compare = new ArrayList<>();

    @Option(
            names = "--dry-run",
            description = "Prints the resolved configuration and what would be done, and does nothing.")
    boolean dryRun;

    @Option(names = "--debug", description = "Prints stack traces, and what Spark warns of.")
    boolean debug;

    // The launcher takes these two out before it calls spark-submit; they stand here for the help text.
    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Where Spark runs; local[*] unless the configuration in SPARK_HOME says otherwise.")
    @Nullable String master;

    @Option(
            names = "--spark",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark, such as spark.driver.memory=4g; may be repeated.")
    List<String> spark = new ArrayList<>();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;
}
