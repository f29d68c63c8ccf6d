package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A JVM of its own, with the test's class path, that a test watches and ends; closing it kills it. */
final class HindcastProcess implements AutoCloseable {
    private static final long SECONDS = 900;
    private static final Set<HindcastProcess> LIVE = ConcurrentHashMap.newKeySet();

    static {
        // When the tests are stopped, nothing that they started stays.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVE.forEach(HindcastProcess::kill)));
    }

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    private HindcastProcess(Process process) {
        this.process = process;
        reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
        LIVE.add(this);
    }

    /**
     * Runs {@code ./hindcast}; where executors have JVMs of their own, with the class path of the test.
     *
     * @param settings Spark's, {@code spark.KEY=VALUE}, of which {@code spark.master} is one
     */
    static HindcastProcess hindcast(List<String> settings, String... arguments) throws IOException {
        return java(
                sparkHome(),
                Stream.concat(executors().stream(), settings.stream())
                        .map(setting -> "-D" + setting)
                        .toList(),
                Hindcast.class.getName(),
                arguments);
    }

    /** What executors that have JVMs of their own are to be told. */
    static List<String> executors() {
        return List.of(
                "spark.ui.enabled=false",
                "spark.executorEnv.OMP_NUM_THREADS=1",
                "spark.executor.extraClassPath=" + classPath(),
                "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    }

    /** What a worker needs to start executors: their class path has all of Spark, so that its home may be empty. */
    static Map<String, String> sparkHome() throws IOException {
        var home = Path.of("target", "cluster").toAbsolutePath();
        Files.createDirectories(home.resolve("jars"));
        return Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.13");
    }

    /**
     * Runs a class.
     *
     * @param environment added to this process's
     * @param options of the JVM, added to those that Spark needs
     */
    static HindcastProcess java(
            Map<String, String> environment, List<String> options, String mainClass, String... arguments)
            throws IOException {
        return java(List.of(), environment, options, mainClass, arguments);
    }

    /**
     * Runs a class through another program.
     *
     * @param before the program with its arguments, behind which stands what it is to run
     */
    static HindcastProcess java(
            List<String> before,
            Map<String, String> environment,
            List<String> options,
            String mainClass,
            String... arguments)
            throws IOException {
        var command = new ArrayList<>(before);
        if (Path.of("/proc/self/status").toFile().exists()) {
            // A shell that starts tests in the background has them, and what they start, ignore Ctrl-C.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The module options of this JVM, which Spark needs in that one too.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-opens")
                        || option.startsWith("-XX:+Ignore")
                        || option.startsWith("-Dlog4j2."))
                .forEach(command::add);
        command.addAll(
                List.of("-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=240m", "-XX:+UseSerialGC", "-Xmx512m"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), mainClass));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().putAll(environment);
        return new HindcastProcess(builder.start());
    }

    /** Runs a program that is not Java. */
    static HindcastProcess program(Map<String, String> environment, String... command) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new HindcastProcess(builder.start());
    }

    /** The test's class path. */
    static String classPath() {
        return Objects.requireNonNullElse(
                System.getProperty("surefire.test.class.path"), System.getProperty("java.class.path"));
    }

    private void read() {
        try (var output = process.inputReader(StandardCharsets.UTF_8)) {
            for (var line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has printed. */
    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Those lines that match. */
    List<String> lines(String regex) {
        return lines().stream().filter(line -> line.matches(regex)).toList();
    }

    long pid() {
        return process.pid();
    }

    /** Waits for something that happens while it lives. */
    void await(BooleanSupplier condition) throws InterruptedException {
        var limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(process.isAlive() && System.nanoTime() < limit)
                    .as("alive, and waiting in time: %s", String.join("\n", lines()))
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Waits for a line. */
    void await(String regex) throws InterruptedException {
        await(() -> !lines(regex).isEmpty());
    }

    /** Sends a signal, {@code INT} or {@code TERM}. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Waits for its end. */
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                .as(String.join("\n", lines()))
                .isTrue();
        reader.join();
        return process.exitValue();
    }

    /** SIGKILL. */
    @Override
    public void close() throws InterruptedException {
        kill();
        process.waitFor();
        reader.join();
        LIVE.remove(this);
    }

    private void kill() {
        var children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
