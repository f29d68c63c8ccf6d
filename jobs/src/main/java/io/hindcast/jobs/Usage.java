package io.hindcast.jobs;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.commons.text.WordUtils;
import picocli.CommandLine;

/** The texts of {@code --help}, {@code --version} and {@code --dry-run}. */
final class Usage {
    private static final int WIDTH = 100;
    private static final String INDENT = "      ";

    private Usage() {}

    /** What {@code ./hindcast --help} prints: all jobs. */
    static String all(List<Job<?>> jobs) {
        var text = new StringBuilder("""
                Usage: ./hindcast JOB [options]

                Offline reinforcement learning on Apache Spark: from logged transitions to evaluated policies.

                Jobs:
                """);
        for (var job : jobs) {
            text.append(String.format("  %-10s  %s%n", job.name(), job.sentence()));
        }
        return text.append("""
                  pipeline    runs the stages that the configuration lists, in one Spark session
                  quickstart  is the pipeline of conf/quickstart.conf, into out/quickstart unless --out is given

                ./hindcast JOB --help prints the options and the configuration keys of a job.
                Exit codes: 0 done, 1 a fault of hindcast, 2 wrong input or configuration, 3 a run failed or diverged.
                """).toString();
    }

    /** What {@code ./hindcast JOB --help} prints: options and keys; a command without a section has the root keys only. */
    static String of(String command, List<Job<?>> jobs) {
        var commandLine = new CommandLine(new JobOptions());
        commandLine.setCommandName("./hindcast " + command).setUsageHelpWidth(WIDTH);
        commandLine.getCommandSpec().usageMessage().sortOptions(false);
        var text = new StringBuilder(commandLine.getUsageMessage(CommandLine.Help.Ansi.OFF));
        for (var job : jobs) {
            if (job.name().equals(command)) {
                text.append(String.format("%n%s: %s.%n", command, job.sentence()));
                text.append(String.format("%nKeys of section %s { … }:%n", command));
                var entries = Settings.describe(job.type());
                entries.forEach(entry -> append(text, entry));
                if (entries.isEmpty()) {
                    text.append(String.format("  none%n"));
                }
            }
        }
        text.append(String.format("%nRoot keys:%n"));
        Settings.describe(RootConfig.class).forEach(entry -> append(text, entry));
        return text.toString();
    }

    /** What {@code --version} prints. */
    static String version() {
        var version = Usage.class.getPackage().getImplementationVersion();
        return "hindcast " + Objects.requireNonNullElse(version, "development") + " (Java "
                + System.getProperty("java.version") + ", Spark " + org.apache.spark.package$.MODULE$.SPARK_VERSION()
                + ")";
    }

    /** What {@code --dry-run} prints: the configuration with every default filled in, and the stages that would run. */
    static String plan(List<Step<?>> steps, RootConfig root, String directory) {
        var settings = new LinkedHashMap<>(Settings.toMap(root));
        steps.forEach(step -> settings.put(step.job().name(), Settings.toMap(step.config())));
        var options = ConfigRenderOptions.defaults().setOriginComments(false).setJson(false);
        var text = new StringBuilder(ConfigValueFactory.fromMap(settings).render(options));
        for (var step : steps) {
            text.append(String.format(
                    "# would run %s: %s%n", step.job().name(), step.job().sentence()));
        }
        return text.append(String.format("# in %s; nothing was done%n", directory))
                .toString();
    }

    private static void append(StringBuilder text, Settings.Entry entry) {
        var range = entry.range().isEmpty() ? "" : " in " + entry.range();
        var standard = entry.defaultValue().equals(Setting.REQUIRED) ? "required" : "default " + entry.defaultValue();
        text.append(String.format("  %s (%s%s; %s)%n", entry.key(), entry.type(), range, standard));
        var meaning = WordUtils.wrap(entry.meaning(), WIDTH - INDENT.length());
        text.append(meaning.indent(INDENT.length()));
    }
}
