package io.hindcast.env;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Json;
import io.hindcast.config.Secrets;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.env.GymnasiumConfig.OutOfBounds;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.commons.lang3.StringUtils;
import org.jspecify.annotations.Nullable;

/**
 * A process that runs {@code worker.py}, and the frames that go to and fro; {@code worker.py} says what they hold. Used by one
 * thread. It does not outlive this JVM: it ends when its standard input does, it looks whether its parent is still there, and an
 * orderly end of the JVM kills it. On Linux what it started ends with it, in sessions of its own too; elsewhere only what is still
 * its descendant or in its process group.
 */
final class PythonWorker implements AutoCloseable {
    /** The version of the frames; a worker of another one is refused. */
    static final int PROTOCOL = 4;

    private static final int MAGIC = 'H' | 'C' << 8 | 'G' << 16 | 'Y' << 24;
    private static final int HEAD = 9;
    /** The kind of an answer that says why there is none. */
    private static final byte BAD = 'B';
    /** The flag of a step that is none. */
    private static final int FAULTY = 16;
    /** The flag of an observation that is out of its bounds, and that of an episode's first. */
    private static final int OUTSIDE = 32;

    private static final int TOLD = 64;
    /** The flag of a step after which it is known which actions are possible. */
    private static final int MASKED = 128;

    private static final int MOST_TEXT = 1 << 20;
    private static final int LINES_KEPT = 20;
    private static final int CHARACTERS_KEPT = 300;
    private static final long NO_DEADLINE = Long.MAX_VALUE;
    private static final Duration GOODBYE = Duration.ofSeconds(5);
    private static final int FIRST_SIGNAL = 128;
    /** The variable that tells whose a process is. */
    private static final String MARK = "HINDCAST_WORKER";

    private static final Set<PythonWorker> RUNNING = ConcurrentHashMap.newKeySet();
    private static final ScheduledThreadPoolExecutor WATCH = watch();
    private static volatile boolean ending;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(PythonWorker::endAll, "python-workers-end"));
    }

    private final String mark = UUID.randomUUID().toString();
    private final Process process;
    private final Launch launch;
    private final Secrets secrets = new Secrets();
    private final InputStream answers;
    private final Thread drain;
    private final ArrayDeque<String> lastLines = new ArrayDeque<>();
    private final Future<?> watching;
    private final Spaces spaces;
    private final int maxEpisodeSteps;
    private final boolean[] @Nullable [] possible;
    private volatile long deadline = NO_DEADLINE;
    private volatile boolean late;
    private final long[] outside;
    private String told = "";

    /**
     * How to start a worker.
     *
     * @param environment the environment's name, for messages
     * @param command the program and its arguments
     * @param hello what the worker is told: entry, keyword arguments, where to look for modules
     * @param size number of instances
     * @param startTimeout how long its first answer may take
     * @param stepTimeout how long any other may take
     * @param secrets what the worker may quote and nobody is to read
     * @param outOfBounds what becomes of observations out of the bounds that their space declares
     */
    record Launch(
            String environment,
            List<String> command,
            Map<String, Object> hello,
            int size,
            Duration startTimeout,
            Duration stepTimeout,
            List<String> secrets,
            OutOfBounds outOfBounds) {
        /** How to start one that has no secrets, and keeps what is out of bounds. */
        Launch(
                String environment,
                List<String> command,
                Map<String, Object> hello,
                int size,
                Duration startTimeout,
                Duration stepTimeout) {
            this(environment, command, hello, size, startTimeout, stepTimeout, List.of(), OutOfBounds.KEEP);
        }
    }

    /** What a frame says. */
    private record Frame(byte kind, ByteBuffer payload) {}

    /**
     * Starts a worker and waits until its instances are made.
     *
     * @throws UserException if the program cannot be started or ends by itself, or the environment cannot be made
     * @throws WorkerFailure if it is killed, hangs or sends invalid data
     */
    PythonWorker(Launch launch) throws WorkerFailure {
        this.launch = launch;
        outside = new long[launch.size()];
        possible = new boolean[launch.size()][];
        launch.secrets().forEach(secrets::learn);
        process = start(launch, mark);
        RUNNING.add(this);
        answers = process.getInputStream();
        drain = new Thread(this::drain, "python-worker-" + process.pid());
        drain.setDaemon(true);
        drain.start();
        var period = Math.max(
                1,
                Math.min(
                        500,
                        Math.min(
                                        launch.stepTimeout().toMillis(),
                                        launch.startTimeout().toMillis())
                                / 4));
        watching = WATCH.scheduleWithFixedDelay(this::killIfLate, period, period, TimeUnit.MILLISECONDS);
        var ready = false;
        try {
            var header = shakeHands();
            spaces = new Spaces(header.required("observation_size").asInt(), actions(header.required("action")));
            maxEpisodeSteps = header.required("max_episode_steps").asInt();
            ready = true;
        } catch (IllegalArgumentException e) {
            throw new WorkerFailure("gave a header that is none (" + e.getMessage() + ")");
        } finally {
            if (!ready) {
                kill();
            }
        }
    }

    Spaces spaces() {
        return spaces;
    }

    int maxEpisodeSteps() {
        return maxEpisodeSteps;
    }

    /** Which discrete actions are possible in an instance after its last reset or step; null if it did not say. */
    boolean @Nullable [] possibleActions(int instance) {
        return possible[instance];
    }

    /**
     * Starts an episode; returns the first observation.
     *
     * @throws BadAnswer if the environment gives none
     */
    float[] reset(int instance, int seed) throws WorkerFailure {
        var payload = buffer(2 * Integer.BYTES).putInt(instance).putInt(seed);
        var answer = ask('R', payload);
        var length = spaces.observationSize() * Float.BYTES;
        if (answer.kind() == BAD) {
            throw new BadAnswer(fault(said(answer)));
        }
        require(answer, 'R', length + 1, length + 1 + maskBytes() + MOST_TEXT);
        var observation = floats(answer.payload(), spaces.observationSize());
        var says = (answer.payload().get() & MASKED) != 0 && answer.payload().remaining() >= maskBytes();
        possible[instance] = says ? mask(answer.payload()) : null;
        outside[instance] = 0;
        if (answer.payload().hasRemaining()) {
            outside[instance] = 1;
            told = said(answer);
        }
        return observation;
    }

    /** How many observations of the episode of an instance were out of the bounds that their space declares. */
    long outside(int instance) {
        return outside[instance];
    }

    /** The last that was the first of its episode, in words: {@code observation[1] is 1.5, above 1.0}; empty if there is none. */
    String told() {
        return told;
    }

    /**
     * Takes a step in some instances.
     *
     * @param instances which, ascending
     * @param actions {@code [instances][numbers an action has]}, row by row
     * @return {@code [instances]}
     */
    List<Environment.Step> step(int[] instances, float[] actions) throws WorkerFailure {
        var payload = buffer(launch.size() + actions.length * Float.BYTES);
        for (var instance : instances) {
            payload.put(instance, (byte) 1);
        }
        payload.position(launch.size());
        payload.asFloatBuffer().put(actions);
        var count = instances.length;
        var width = spaces.observationSize();
        var length = count * (Double.BYTES + width * Float.BYTES + 1);
        var frame = ask('S', payload);
        require(frame, 'S', length, length + count * maskBytes() + MOST_TEXT);
        var answer = frame.payload();
        var rewards = new double[count];
        answer.asDoubleBuffer().get(rewards);
        answer.position(length);
        var flags = count * (Double.BYTES + width * Float.BYTES);
        for (var row = 0; row < count; row++) {
            var says = (answer.get(flags + row) & MASKED) != 0 && answer.remaining() >= maskBytes();
            possible[instances[row]] = says ? mask(answer) : null;
        }
        var lines = answer.hasRemaining() ? lines(frame) : Collections.<String>emptyIterator();
        answer.position(count * Double.BYTES);
        var steps = new ArrayList<Environment.Step>(count);
        for (var row = 0; row < count; row++) {
            var bits = answer.get(flags + row);
            var line = (bits & (FAULTY | TOLD)) != 0 && lines.hasNext() ? lines.next() : "";
            var step = step(floats(answer, width), rewards[row], bits);
            steps.add((bits & FAULTY) != 0 ? faulty(step, fault(line)) : step);
            outside[instances[row]] += (bits & OUTSIDE) != 0 ? 1 : 0;
            told = (bits & TOLD) != 0 ? line : told;
        }
        return steps;
    }

    /** Lets the worker end by itself, and helps if it does not. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            process.waitFor(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            // It is gone already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            kill();
        }
    }

    /** Ends the process and everything it started. */
    void kill() {
        watching.cancel(false);
        var started = process.descendants().toList();
        started.forEach(ProcessHandle::destroyForcibly);
        if (!started.isEmpty()) {
            exitCode(); // its guard, if it has one, ends what was started since, and then itself
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        marked().forEach(ProcessHandle::destroyForcibly);
        RUNNING.remove(this);
    }

    /** What it started and nobody's child is any more, where the system shows whose mark a process bears. */
    private List<ProcessHandle> marked() {
        var own = MARK + "=" + mark;
        return ProcessHandle.allProcesses()
                .filter(other -> bears(Path.of("/proc", String.valueOf(other.pid()), "environ"), own))
                .toList();
    }

    private static boolean bears(Path environment, String mark) {
        try {
            return Files.readString(environment, StandardCharsets.ISO_8859_1).contains(mark);
        } catch (IOException e) {
            return false; // it is gone, or somebody else's
        }
    }

    private JsonNode shakeHands() throws WorkerFailure {
        var hello = new LinkedHashMap<>(launch.hello());
        hello.put("protocol", PROTOCOL);
        hello.put("size", launch.size());
        hello.put("out_of_bounds", launch.outOfBounds().word());
        hello.put("patience", Map.of("start", seconds(launch.startTimeout()), "step", seconds(launch.stepTimeout())));
        try {
            var answer = exchange('H', ByteBuffer.wrap(Json.MAPPER.writeValueAsBytes(hello)), launch.startTimeout());
            if (answer.kind() == 'E') {
                throw new UserException("Cannot open " + launch.environment() + ": its Python worker says "
                        + said(answer) + "; check environment and gymnasium.kwargs, and name packages it lacks in"
                        + " gymnasium.requirements");
            }
            var header = Json.MAPPER.readTree(text(answer));
            var spoken = header.path("protocol").asInt();
            if (spoken != PROTOCOL) {
                throw new UserException("Cannot open " + launch.environment() + ": the worker "
                        + String.join(" ", launch.command()) + " speaks protocol " + spoken + ", this hindcast speaks "
                        + PROTOCOL + "; delete its folder, and it is made again");
            }
            return header;
        } catch (JsonProcessingException e) {
            throw new WorkerFailure("gave a header that is no JSON");
        } catch (EOFException e) {
            var code = exitCode();
            if (code >= 0 && code < FIRST_SIGNAL && !late) {
                throw new UserException("Cannot open " + launch.environment() + ": "
                        + String.join(" ", launch.command()) + " ended with exit code " + code
                        + " before it answered" + said() + "; check that it is a Python with gymnasium");
            }
            throw failure(e);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Sends a command and takes the answer. */
    private Frame ask(char kind, ByteBuffer payload) throws WorkerFailure {
        try {
            return exchange(kind, payload, launch.stepTimeout());
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Makes sure that an answer is of a kind and a length. */
    private void require(Frame answer, char kind, int least, int most) throws WorkerFailure {
        if (answer.kind() == 'E') {
            throw new WorkerFailure("raised " + said(answer) + said());
        }
        var length = answer.payload().remaining();
        if (answer.kind() != kind || length < least || length > most) {
            throw new WorkerFailure("answered with " + length + " bytes of kind " + (char) answer.kind() + " where "
                    + least + " of kind " + kind + " were due" + said());
        }
    }

    private Frame exchange(char kind, ByteBuffer payload, Duration patience) throws IOException {
        deadline = System.nanoTime() + patience.toNanos();
        try {
            var bytes = new byte[payload.capacity()];
            payload.get(0, bytes);
            var out = process.getOutputStream();
            out.write(buffer(HEAD)
                    .putInt(MAGIC)
                    .put((byte) kind)
                    .putInt(bytes.length)
                    .array());
            out.write(bytes);
            out.flush();
            var head = ByteBuffer.wrap(read(HEAD)).order(ByteOrder.LITTLE_ENDIAN);
            if (head.getInt() != MAGIC) {
                throw new IOException("answered with something else than a frame: '"
                        + Shown.of(new String(head.array(), StandardCharsets.US_ASCII)) + "…'");
            }
            var answered = head.get();
            var length = head.getInt();
            if (length < 0 || (length > MOST_TEXT && answered != 'R' && answered != 'S')) {
                throw new IOException("announced a frame of " + Integer.toUnsignedString(length) + " bytes");
            }
            return new Frame(answered, ByteBuffer.wrap(read(length)).order(ByteOrder.LITTLE_ENDIAN));
        } finally {
            deadline = NO_DEADLINE;
        }
    }

    private byte[] read(int length) throws IOException {
        var bytes = answers.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("closed its standard output");
        }
        return bytes;
    }

    private void killIfLate() {
        var due = deadline;
        if (due != NO_DEADLINE && System.nanoTime() - due > 0) {
            late = true;
            kill(); // whoever reads finds the end of the stream
        }
    }

    private WorkerFailure failure(IOException e) {
        var code = exitCode();
        if (code >= 0) {
            awaitLastLines(); // to kill a process, even an ended one, is to close what it said
        }
        kill();
        if (late) {
            return new WorkerFailure("did not answer in time (step-timeout = "
                    + seconds(launch.stepTimeout()) + " s, start-timeout = "
                    + seconds(launch.startTimeout()) + " s)" + said());
        }
        if (code > FIRST_SIGNAL) {
            return new WorkerFailure("was ended by signal " + (code - FIRST_SIGNAL) + said());
        }
        if (code >= 0) {
            return new WorkerFailure("ended with exit code " + code + said());
        }
        return new WorkerFailure(e.getMessage() + said());
    }

    /** The exit code, or -1 if the process goes on. */
    private int exitCode() {
        try {
            return process.waitFor(1, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** The last line of its standard error, in words. */
    private String said() {
        awaitLastLines();
        synchronized (lastLines) {
            return lastLines.isEmpty() ? "" : "; it said last: " + String.join(" | ", lastLines);
        }
    }

    /** Not for long: what it started may hold its standard error open. */
    private void awaitLastLines() {
        try {
            drain.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drain() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                synchronized (lastLines) {
                    lastLines.add(StringUtils.abbreviate(
                            secrets.hide(Shown.of(line.strip().replace('\t', ' '))), CHARACTERS_KEPT));
                    if (lastLines.size() > LINES_KEPT) {
                        lastLines.remove();
                    }
                }
            }
        } catch (IOException e) {
            // The process was ended; what it said is kept.
        }
    }

    private static Process start(Launch launch, String mark) {
        if (ending) {
            throw new IllegalStateException("Cannot start " + launch.environment() + ": this process ends");
        }
        var builder = new ProcessBuilder(launch.command());
        // One task, one core: a numerical library with a thread a core would get in the way of the other tasks.
        builder.environment().putIfAbsent("OMP_NUM_THREADS", "1");
        builder.environment().putIfAbsent("PYTHONFAULTHANDLER", "1");
        builder.environment().put(MARK, mark);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UserException(
                    "Cannot open " + launch.environment() + ": "
                            + launch.command().get(0) + " cannot be started (" + e.getMessage()
                            + "); set gymnasium.python to the path of a Python interpreter, or leave it out",
                    e);
        }
    }

    private static void endAll() {
        ending = true;
        RUNNING.forEach(PythonWorker::kill);
    }

    private static ScheduledThreadPoolExecutor watch() {
        var watch = new ScheduledThreadPoolExecutor(1, task -> {
            var thread = new Thread(task, "python-workers-watch");
            thread.setDaemon(true);
            return thread;
        });
        watch.setRemoveOnCancelPolicy(true);
        return watch;
    }

    private static ActionSpace actions(JsonNode header) {
        return ActionSpace.of(Json.MAPPER.convertValue(header, Map.class));
    }

    private static Environment.Step step(float[] observation, double reward, byte flags) {
        var success = (flags & 4) == 0 ? null : Boolean.valueOf((flags & 8) != 0);
        return new Environment.Step(observation, reward, (flags & 1) != 0, (flags & 2) != 0, success);
    }

    private static Environment.Step faulty(Environment.Step step, Fault fault) {
        return new Environment.Step(step.observation(), step.reward(), false, false, null, fault);
    }

    /** What the worker says is wrong, in a letter for the kind and a few words. */
    private static Fault fault(String line) {
        var kind = switch (line.isEmpty() ? 'O' : line.charAt(0)) {
            case 'N' -> Fault.Kind.NOT_FINITE;
            case 'W' -> Fault.Kind.WRONG_SIZE;
            case 'B' -> Fault.Kind.OUT_OF_BOUNDS;
            default -> Fault.Kind.OTHER;
        };
        return new Fault(kind, StringUtils.abbreviate(StringUtils.substringAfter(line, " "), CHARACTERS_KEPT));
    }

    /** How many bytes a mask has; none where actions are not discrete. */
    private int maskBytes() {
        return spaces.actions() instanceof ActionSpace.Discrete space ? space.count() : 0;
    }

    private boolean[] mask(ByteBuffer buffer) {
        var mask = new boolean[maskBytes()];
        for (var k = 0; k < mask.length; k++) {
            mask[k] = buffer.get() != 0;
        }
        return mask;
    }

    private static float[] floats(ByteBuffer buffer, int count) {
        var values = new float[count];
        for (var i = 0; i < count; i++) {
            values[i] = buffer.getFloat();
        }
        return values;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static String text(Frame frame) {
        return StandardCharsets.UTF_8.decode(frame.payload()).toString();
    }

    /** What the worker says of a mistake, in a line. */
    private String said(Frame frame) {
        return secrets.hide(Shown.of(text(frame)));
    }

    /** The same where each line tells of another mistake. */
    private Iterator<String> lines(Frame frame) {
        return text(frame).lines().map(line -> secrets.hide(Shown.of(line))).iterator();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }
}
