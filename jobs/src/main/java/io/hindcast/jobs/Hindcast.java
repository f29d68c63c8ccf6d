package io.hindcast.jobs;

import io.hindcast.config.Json;
import io.hindcast.config.Secrets;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.Notices;
import io.hindcast.stage.RunMessages;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Stopping;
import io.hindcast.table.SparkOnDemand;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.service.launcher.IrqHandler;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext$;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line: {@code JOB [options]}. Its exit code is 0 when everything was done, 1 on a fault of hindcast's own, 2 when
 * the input or the configuration is wrong (then stderr has one line), and 3 when the stages ran but something in them did not
 * go well, for example a training run that diverged; 130 and 143 when it was stopped by Ctrl-C or by a TERM signal. {@link Ending} says which it is.
 */
public final class Hindcast {
    static final int DONE = 0;
    private static final String PIPELINE = "pipeline";
    private static final String QUICKSTART = "quickstart";

    /** What Java makes of a byte of an argument that the locale does not know. */
    private static final char UNREADABLE = '\ufffd';

    private static final int SECONDS_TO_STOP = 90;

    private static volatile @Nullable Integer exitCode;
    private static volatile boolean stagesRun;

    private final List<Job<?>> jobs;
    private final Console console;

    private final Secrets secrets;

    private Hindcast(List<Job<?>> jobs, PrintStream out, PrintStream err, Secrets secrets) {
        this.jobs = jobs;
        this.console = new Console(out, err);
        this.secrets = secrets;
    }

    /**
     * Runs the job that the first argument names, and exits. Where Spark runs already, as on Databricks, JVM and session are somebody
     * else's: then they go on, and what did not end well is an exception.
     *
     * @throws IllegalStateException instead of any exit code but 0
     */
    public static void main(String[] args) {
        // Where Spark was started by others.
        var host = SparkContext$.MODULE$.getActive().isDefined() ? HostSession.keep() : null;
        if (host == null) {
            stopOn("INT", 2, "stopped by Ctrl-C");
            stopOn("TERM", 15, "stopped by a TERM signal");
        }
        // What libraries print goes the same way.
        var out = System.out;
        var err = System.err;
        var secrets = new Secrets();
        System.setOut(HidingStream.before(out, secrets));
        System.setErr(HidingStream.before(err, secrets));
        int code;
        try {
            code = new Hindcast(Jobs.ALL, System.out, System.err, secrets).run(args);
        } finally {
            System.out.flush();
            System.err.flush();
            if (host != null) {
                System.setOut(out);
                System.setErr(err);
                host.putBack();
            }
        }
        var ending = exitCode == null ? code : exitCode;
        if (host != null) {
            if (ending != DONE) {
                throw new IllegalStateException("hindcast ended with exit code " + ending + "; stderr says why");
            }
            return;
        }
        if (ending == DONE && isInContainerOfYarn()) {
            return;
        }
        System.exit(ending);
    }

    /** Where YARN runs the driver it takes one that exits for one that failed, with whatever code, and runs it again. */
    private static boolean isInContainerOfYarn() {
        return "yarn".equals(System.getProperty("spark.master"))
                && "cluster".equals(System.getProperty("spark.submit.deployMode"));
    }

    /** The exit code of what these arguments would do, without doing it; mistakes in them are told on stderr. */
    static int check(String... args) {
        var dry = Stream.concat(Stream.of(args), Stream.of("--dry-run")).toArray(String[]::new);
        return run(
                Jobs.ALL,
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                System.err,
                dry);
    }

    /** The first signal shuts down cleanly, the second one exits at once. */
    private static void stopOn(String name, int number, String words) {
        var handler = new IrqHandler(name, signal -> {
            var code = 128 + number;
            if (exitCode != null) {
                Runtime.getRuntime().halt(code);
            }
            exitCode = code;
            // Signals come on a thread of their own.
            Stopping.request(words);
            if (!stagesRun) {
                System.err.println("hindcast was " + words + "; the same command starts from the beginning");
                System.exit(code);
            }
            try {
                Thread.sleep(Duration.ofSeconds(SECONDS_TO_STOP).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Runtime.getRuntime().halt(code);
        });
        handler.bind();
    }

    /** For the classes that each stand for one job. */
    static void main(String job, String[] options) {
        main(Stream.concat(Stream.of(job), Stream.of(options)).toArray(String[]::new));
    }

    /** Runs one of {@code jobs} in this JVM and returns the exit code. */
    static int run(List<Job<?>> jobs, PrintStream out, PrintStream err, String... args) {
        var secrets = new Secrets();
        return new Hindcast(jobs, HidingStream.before(out, secrets), HidingStream.before(err, secrets), secrets)
                .run(args);
    }

    private int run(String... args) {
        Notices.to(console::say);
        System.getenv().forEach(secrets::learnVariable);
        secrets.learnArguments(List.of(args), secretKeys());
        try {
            return start(args);
        } catch (Throwable e) { // errors too: a full disk is one in Hadoop
            var stop = Stopping.reason();
            if (stop != null) {
                // What fails now fails because Spark's jobs were cancelled.
                console.complain("hindcast was " + stop
                        + "; what is published stays, trained runs left checkpoints, and the same command goes on from"
                        + " there");
                return Ending.FAULT;
            }
            var ending = Ending.of(e);
            if (ending.code() == Ending.FAULT || List.of(args).contains("--debug")) {
                console.trace(e);
            }
            console.complain(ending.line());
            return ending.code();
        }
    }

    private int start(String... given) throws IOException {
        var args = given.length > 1
                        && given[0].equals("bench")
                        && List.of("data", "judge", "predict", "scaling").contains(given[1])
                ? Stream.concat(Stream.of("bench-" + given[1]), Stream.of(given).skip(2))
                        .toArray(String[]::new)
                : given;
        if (args.length == 0) {
            console.print(Usage.all(jobs));
            return Ending.WRONG_INPUT;
        }
        var name = args[0];
        if (name.equals("-h") || name.equals("--help")) {
            console.print(Usage.all(jobs));
            return DONE;
        }
        if (name.equals("-V") || name.equals("--version")) {
            console.say(Usage.version());
            return DONE;
        }
        if (!commands().contains(name)) {
            throw Settings.unknown("job", name, commands(), "");
        }
        for (var argument : args) {
            if (argument.indexOf(UNREADABLE) >= 0) {
                throw new UserException(
                        "Cannot read the argument " + argument + ": it has letters that the locale of this"
                                + " process does not know; set LC_ALL=C.UTF-8, or run ./hindcast, which does");
            }
        }
        var options = options(name, List.of(args).subList(1, args.length));
        if (options.help) {
            console.print(Usage.of(name, jobs));
            return DONE;
        }
        return start(name, options);
    }

    private int start(String name, JobOptions options) throws IOException {
        if (options.append) {
            if (!name.equals("ingest")) {
                throw new UserException(
                        "Cannot use --append with " + name + ": only ingest adds to a dataset; leave it out");
            }
            options.sets.add("append=true");
        }
        if (options.against != null) {
            if (!name.equals("bench")) {
                throw new UserException(
                        "Cannot use --against with " + name + ": only bench measures two builds; leave it out");
            }
            options.sets.add("against=" + Json.text(options.against));
        }
        if (!options.compare.isEmpty()) {
            if (!name.equals("report")) {
                throw new UserException(
                        "Cannot use --compare with " + name + ": only report compares outputs; leave it out");
            }
            options.sets.add("compare=" + Json.text(options.compare));
        }
        var directory = directory(name, options);
        var configuration = Configuration.read(
                file(name, options),
                options.presets,
                options.sets,
                name,
                stages(),
                config -> secrets.learnConfiguration(config, secretKeys()));
        // All sections are read and checked before anything starts.
        var steps = steps(name, configuration);
        var formerNames =
                configuration.formerNames(steps.stream().<Job<?>>map(Step::job).toList());
        if (options.dryRun) {
            console.print(Usage.plan(steps, configuration.root(), directory, formerNames));
            return DONE;
        }
        formerNames.forEach(console::complain);
        if (steps.stream().noneMatch(Step::needsSpark)) {
            return run(steps, step -> step.run(directory, console::say));
        }
        try (var spark = spark(name);
                var stop = Stopping.onRequest(() -> cancel(spark))) {
            stagesRun = true;
            Consumer<String> trace = options.debug ? console::trace : text -> {};
            var context = new StageContext(
                    spark, new Warehouse(spark, directory), new ConsoleProgress(console, secrets, trace));
            return run(steps, step -> step.run(context));
        }
    }

    private int run(List<Step<?>> steps, Function<Step<?>, StageResult> way) {
        var code = DONE;
        for (var step : steps) {
            var prefix = "[" + step.job().name() + "] ";
            var start = System.nanoTime();
            console.say(prefix + "starts");
            var result = way.apply(step);
            result.problems().forEach(problem -> console.say(prefix + "problem: " + problem));
            var seconds = (System.nanoTime() - start) / 1e9;
            console.say(prefix + String.format(Locale.ROOT, "ends after %.1f s: ", seconds) + result.summary());
            if (!result.problems().isEmpty()) {
                code = Ending.WITH_PROBLEMS;
            }
            if (Stopping.reason() != null) {
                throw new CancellationException();
            }
        }
        return code;
    }

    private List<Step<?>> steps(String name, Configuration configuration) {
        if (!name.equals(PIPELINE) && !name.equals(QUICKSTART)) {
            return List.of(Step.of(job(name), configuration));
        }
        var stages = configuration.root().stages();
        if (stages.isEmpty()) {
            throw new UserException("Cannot run " + name
                    + ": the configuration names no stages; add for example stages = [collect, stats] to it");
        }
        var steps = new ArrayList<Step<?>>();
        for (var stage : stages) {
            steps.add(Step.of(job(stage), configuration));
        }
        return steps;
    }

    private Job<?> job(String name) {
        return jobs.stream()
                .filter(job -> job.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Settings.unknown("stage", name, stages(), " in stages"));
    }

    private List<String> stages() {
        return jobs.stream().<String>map(Job::name).toList();
    }

    private List<String> commands() {
        return Stream.concat(stages().stream(), Stream.of(PIPELINE, QUICKSTART)).toList();
    }

    /** The keys below which all values may be secrets. */
    private Set<String> secretKeys() {
        return Stream.concat(Stream.of(RootConfig.class), jobs.stream().map(Job::type))
                .flatMap(type -> Settings.secretKeys(type).stream())
                .collect(Collectors.toSet());
    }

    private static JobOptions options(String job, List<String> args) {
        var options = new JobOptions();
        var commandLine = new CommandLine(options);
        try {
            commandLine.parseArgs(args.toArray(String[]::new));
        } catch (UnmatchedArgumentException e) {
            var known = commandLine.getCommandSpec().optionsMap().keySet();
            throw Settings.unknown("option", e.getUnmatched().get(0).split("=", 2)[0], known, " of " + job);
        } catch (ParameterException e) {
            throw new UserException(
                    "Cannot read the command line: " + e.getMessage() + "; see ./hindcast " + job + " --help", e);
        }
        if (options.master != null || !options.spark.isEmpty()) {
            throw new UserException("Cannot use --master or --spark after the jar: Spark has already started;"
                    + " give spark-submit its own --master and --conf before the jar");
        }
        return options;
    }

    private static @Nullable Path file(String name, JobOptions options) {
        return options.conf == null && name.equals(QUICKSTART) ? home().resolve("conf/quickstart.conf") : options.conf;
    }

    private static String directory(String name, JobOptions options) {
        if (options.out != null) {
            if (options.out.isBlank()) {
                throw new UserException("Cannot use --out '" + options.out + "': the path is empty; name a directory");
            }
            return options.out;
        }
        return name.equals(QUICKSTART) ? home().resolve("out/quickstart").toString() : "out";
    }

    /** The checkout, which the launcher knows; without it the current directory. */
    private static Path home() {
        return Path.of(Objects.requireNonNullElse(System.getenv("HINDCAST_HOME"), ""));
    }

    private static void cancel(SparkOnDemand spark) {
        if (spark.isStarted()) {
            spark.session().sparkContext().cancelAllJobs();
        }
    }

    private SparkOnDemand spark(String name) {
        var running = SparkContext$.MODULE$.getActive();
        if (running.isDefined()) {
            hideSecrets(running.get().getConf());
            var settings = new SparkConf(false);
            HostSession.SETTINGS.forEach(settings::set);
            return SparkOnDemand.of(session(settings));
        }
        var conf = new SparkConf().setAppName("hindcast " + name).setIfMissing("spark.master", "local[*]");
        Warehouse.SESSION_SETTINGS.forEach(conf::set);
        var others = conf.getOption("spark.plugins");
        conf.set(
                "spark.plugins",
                (others.isDefined() ? others.get() + "," : "") + RunMessages.class.getName() + ","
                        + ExecutorLogs.class.getName());
        SessionLimits.set(conf);
        LocalExchange.set(conf);
        SessionLimits.setFileNames(conf, System.getProperty("sun.jnu.encoding", ""));
        Umask.set(conf);
        // Spark's event log and web page show settings, properties and the command line, but for what this finds.
        conf.setIfMissing("spark.redaction.regex", Secrets.names());
        hideSecrets(conf);
        return SparkOnDemand.of(conf, () -> session(conf));
    }

    private void hideSecrets(SparkConf conf) {
        for (var entry : conf.getAll()) {
            if (Secrets.isName(entry._1()) && !entry._2().startsWith("/")) {
                secrets.learn(entry._2());
            }
            secrets.learnWithin(entry._2());
        }
        LogsWithoutSecrets.install(secrets);
    }

    private static SparkSession session(SparkConf conf) {
        try {
            return SparkSession.builder().config(conf).getOrCreate();
        } catch (Exception e) {
            var reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new UserException(
                    "Cannot start Spark on " + conf.get("spark.master", "what runs already") + ": " + reason
                            + "; check --master and --spark",
                    e);
        }
    }
}
