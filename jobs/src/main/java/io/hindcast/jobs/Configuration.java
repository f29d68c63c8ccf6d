package io.hindcast.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.config.Secrets;
import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.Preset;
import io.hindcast.stage.train.TrainConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run is configured with: a HOCON file, changed by {@code --preset} and {@code --set}. At its root stand the keys of
 * {@link RootConfig} and one section a job.
 */
final class Configuration {
    private static final List<String> ROOT_KEYS = Arrays.stream(RootConfig.class.getRecordComponents())
            .flatMap(component -> Stream.concat(
                    Stream.of(Settings.kebab(component.getName())),
                    Stream.of(component.getAnnotation(Setting.class).formerly())))
            .toList();

    /** Values of {@code --set} that HOCON reads; everything else is a string as it stands, so paths need no quotes. */
    private static final Pattern HOCON = Pattern.compile("true|false|null|-?[.]?[0-9][0-9.eE+-]*|[\\[{\"].*");

    /** What the parser quotes, from the first sign to the last; short ones are signs of HOCON. */
    private static final Pattern QUOTED = Pattern.compile("'.{4,}'", Pattern.DOTALL);

    private final Config config;

    private Configuration(Config config) {
        this.config = config;
    }

    /**
     * Reads a file, adds a training run for each of {@code presets}, and applies {@code sets} in their order, so the last one
     * wins.
     *
     * @param file null for no file: every key takes its default
     * @param presets names of {@link Preset}s
     * @param sets {@code key=value} each; a key that starts with a root key or the name of a job is counted from the root,
     *     any other belongs to the section {@code job}
     * @param job the job that is run
     * @param jobs the names of all jobs that have a section
     * @param secrets learns the values that must not be shown, before any of them can be in a message
     * @throws UserException if the file is missing or no HOCON, or on a preset, a root key or a section that does not exist
     */
    static Configuration read(
            @Nullable Path file,
            List<String> presets,
            List<String> sets,
            String job,
            List<String> jobs,
            Consumer<ConfigObject> secrets) {
        var known = new ArrayList<>(ROOT_KEYS);
        known.addAll(jobs);
        var config = file == null ? ConfigFactory.empty() : parse(file);
        secrets.accept(config.root());
        for (var preset : presets) {
            var path = ConfigUtil.joinPath("train", "runs", Preset.named(preset).name(), "preset");
            config = config.withValue(path, ConfigValueFactory.fromAnyRef(preset));
        }
        for (var set : sets) {
            config = set(config, set, job, known);
        }
        secrets.accept(config.root());
        for (var entry : config.root().entrySet()) {
            if (!known.contains(entry.getKey())) {
                throw Settings.unknown("key", entry.getKey(), known, place(entry.getValue()));
            }
        }
        return new Configuration(config);
    }

    /** The root keys. */
    RootConfig root() {
        var root = config.root();
        for (var key : config.root().keySet()) {
            if (!ROOT_KEYS.contains(key)) {
                root = root.withoutKey(key);
            }
        }
        return Settings.read(RootConfig.class, root.toConfig(), "");
    }

    /** The section of a job; all defaults if it is absent. */
    <C extends Record> C section(Job<C> job) {
        var section = config.root().get(job.name());
        if (section == null) {
            return Settings.read(job.type(), ConfigFactory.empty(), job.name());
        }
        if (!(section instanceof ConfigObject object)) {
            var shown = Settings.mayHoldSecret(job.type()) ? Secrets.HIDDEN : section.render();
            throw new UserException("Cannot read section " + job.name() + place(section) + ": it is " + shown
                    + "; write " + job.name() + " { key = value }");
        }
        return Settings.read(job.type(), object.toConfig(), job.name());
    }

    /** A line for each key at the root, or in a section of {@code jobs}, that is given under a former name. */
    List<String> formerNames(List<Job<?>> jobs) {
        var lines = new ArrayList<>(Settings.formerNames(RootConfig.class, config.root(), ""));
        for (var job : jobs) {
            if (config.root().get(job.name()) instanceof ConfigObject section) {
                lines.addAll(Settings.formerNames(job.type(), section, job.name()));
                if (job.type() == TrainConfig.class && section.get("runs") instanceof ConfigObject runs) {
                    runs.forEach((name, run) -> lines.addAll(ofLearner(name, run)));
                }
            }
        }
        return lines;
    }

    /** What the settings of a learner are is told by the learner. */
    private static List<String> ofLearner(String name, ConfigValue run) {
        if (!(run instanceof ConfigObject entry && entry.get("settings") instanceof ConfigObject settings)) {
            return List.of();
        }
        var preset = entry.get("preset");
        var learner = entry.get("learner") == null && preset != null
                ? Preset.named(String.valueOf(preset.unwrapped())).learner()
                : entry.toConfig().getString("learner");
        var type = Objects.requireNonNull(LearnerConfig.LEARNERS.get(learner));
        return Settings.formerNames(type, settings, "train.runs." + name + ".settings");
    }

    private static Config parse(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UserException(
                    "Cannot read the configuration " + file + ": there is no such file; check the path after --conf");
        }
        try {
            return ConfFile.read(file);
        } catch (ConfigException e) {
            throw new UserException("Cannot read the configuration " + file + ": "
                    + hidden(oneLine(e))
                    + "; mend it there (the format is HOCON)");
        }
    }

    private static Config set(Config config, String set, String job, List<String> known) {
        var equals = set.indexOf('=');
        if (equals < 1) {
            var key = set.split("[\\s:=]", 2)[0];
            throw new UserException("Cannot use --set " + key + (key.equals(set) ? "" : "…")
                    + ": it has no key before a '='; write --set key=value");
        }
        var key = set.substring(0, equals);
        ConfFile.check("--set", key);
        try {
            var path = new ArrayList<>(ConfigUtil.splitPath(key));
            if (!known.contains(path.get(0)) && known.contains(job)) {
                path.add(0, job);
            }
            return config.withValue(ConfigUtil.joinPath(path), value(set.substring(equals + 1)));
        } catch (ConfigException e) {
            var isSecret = Secrets.isName(key) && Secrets.isName(job + "." + key);
            throw new UserException("Cannot use --set "
                    + (isSecret ? key + "=" + Secrets.HIDDEN : set) + ": "
                    + (isSecret ? hidden(oneLine(e)) : oneLine(e))
                    + "; write --set key=value, the value as in a conf file");
        }
    }

    private static ConfigValue value(String text) {
        return HOCON.matcher(text).matches()
                ? Objects.requireNonNull(ConfFile.parse("--set", "v = " + text).get("v"))
                : ConfigValueFactory.fromAnyRef(text);
    }

    private static String place(ConfigValue value) {
        var origin = value.origin();
        return origin.filename() == null ? "" : " (" + origin.filename() + ", line " + origin.lineNumber() + ")";
    }

    /** Not what stands there, which may be a secret. */
    private static String hidden(String message) {
        return QUOTED.matcher(message).replaceFirst("'" + Secrets.HIDDEN + "'");
    }

    /** The library's messages begin with the file's path, which is said already, and may have several lines. */
    static String oneLine(ConfigException e) {
        return String.valueOf(e.getMessage())
                .replaceFirst("^[^:]*: (?=[0-9]+: )", "line ")
                .replaceFirst(" \\(if you .*", "")
                .replaceAll("\\s+", " ");
    }
}
