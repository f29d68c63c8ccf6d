package io.hindcast.jobs;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.Version;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.Preset;
import io.hindcast.stage.train.TrainConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.apache.commons.text.WordUtils;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The texts of {@code --help}, {@code --version} and {@code --dry-run}. */
final class Usage {
    private static final int WIDTH = 100;
    private static final int INDENT = 6;

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
        var text = new StringBuilder(String.format("Usage: ./hindcast %s [options]%n", command));
        for (var job : jobs) {
            if (job.name().equals(command)) {
                text.append(String.format("%n%s: %s.%n", command, job.sentence()));
            }
        }
        text.append(options());
        for (var job : jobs) {
            if (job.name().equals(command)) {
                append(text, "Keys of section " + command + " { … }", job.type());
            }
            if (job.name().equals(command) && job.type() == TrainConfig.class) {
                LearnerConfig.LEARNERS.forEach(
                        (name, type) -> append(text, "Keys of settings { … } for learner = " + name, type));
                text.append(String.format("%nPresets, for preset = NAME or --preset NAME:%n"));
                Preset.ALL.values().forEach(preset -> append(text, preset));
            }
        }
        append(text, "Keys at the root", RootConfig.class);
        return text.toString();
    }

    /** What {@code --version} prints. */
    static String version() {
        return "hindcast " + Version.TEXT + " (Java " + System.getProperty("java.version") + ", Spark "
                + org.apache.spark.package$.MODULE$.SPARK_VERSION() + ")";
    }

    /** What {@code --dry-run} prints: the configuration with every default filled in, and the stages that would run. */
    static String plan(List<Step<?>> steps, RootConfig root, String directory, List<String> remarks) {
        var settings = new LinkedHashMap<>(Settings.toConf(root));
        steps.forEach(step -> settings.put(step.job().name(), Settings.toConf(step.config())));
        var options = ConfigRenderOptions.defaults().setOriginComments(false).setJson(false);
        var text = new StringBuilder(ConfigValueFactory.fromMap(settings).render(options));
        remarks.forEach(line -> text.append("# ").append(line).append(System.lineSeparator()));
        for (var step : steps) {
            text.append(String.format(
                    "# would run %s: %s%n", step.job().name(), step.job().sentence()));
        }
        return text.append(String.format("# in %s; nothing was done%n", directory))
                .toString();
    }

    private static String options() {
        var commandLine = new CommandLine(new JobOptions()).setUsageHelpWidth(WIDTH);
        commandLine.getCommandSpec().usageMessage().sortOptions(false);
        var help = new CommandLine.Help(commandLine.getCommandSpec(), CommandLine.Help.defaultColorScheme(Ansi.OFF));
        return String.format("%nOptions:%n") + help.optionList();
    }

    private static void append(StringBuilder text, Preset preset) {
        text.append(String.format(
                Locale.ROOT, "  %s (%s, %,d updates)%n", preset.name(), preset.learner(), preset.updates()));
        text.append(WordUtils.wrap("from " + preset.source(), WIDTH - INDENT).indent(INDENT));
        text.append(WordUtils.wrap("There: " + preset.differs(), WIDTH - INDENT).indent(INDENT));
    }

    private static void append(StringBuilder text, String heading, Class<? extends Record> type) {
        text.append(String.format("%n%s:%n", heading));
        var entries = Settings.describe(type);
        if (entries.isEmpty()) {
            text.append(String.format("  none%n"));
        }
        for (var entry : entries) {
            var range = entry.range().isEmpty() ? "" : " in " + entry.range();
            var isDefault = !List.of(Setting.REQUIRED, Settings.Entry.ONE_OF).contains(entry.defaultValue());
            var standard = (isDefault ? "default " : "") + entry.defaultValue();
            text.append(String.format("  %s (%s%s; %s)%n", entry.key(), entry.type(), range, standard));
            var meaning = WordUtils.wrap(entry.meaning(), WIDTH - INDENT);
            text.append(meaning.indent(INDENT));
        }
    }
}
