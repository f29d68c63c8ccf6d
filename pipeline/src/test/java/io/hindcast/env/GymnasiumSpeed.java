package io.hindcast.env;

import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.run.Seeds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Prints how many steps of AntMaze umaze a second are taken with random actions: in plain Python, and from here with 1 and with
 * 10 instances; in brackets, how many a second of computing, of both processes together, which is what is left of it on a busy
 * machine. Three rounds, so that a load that comes and goes is seen. No test: it measures the machine.
 */
final class GymnasiumSpeed {
    private static final String NAME = "antmaze-umaze";
    private static final int ROUNDS = 3;
    private static final double SECONDS = 5;

    private GymnasiumSpeed() {}

    public static void main(String[] args) throws IOException {
        for (var round = 1; round <= ROUNDS; round++) {
            System.out.printf(
                    Locale.ROOT,
                    "round %d: plain Python %s, bridge with 1 instance %s, with 10 instances %s steps/s%n",
                    round,
                    plain(),
                    bridged(1),
                    bridged(10));
        }
    }

    private static String plain() throws IOException {
        var cache = PythonCache.ofUser();
        var config = Settings.defaults(GymnasiumConfig.class);
        var python = new VirtualEnvironments(cache)
                .python(NAME, "requirements-antmaze.txt", config.packages(), config.startTimeout());
        var script = Objects.requireNonNull(GymnasiumSpeed.class.getResource("antmaze_speed.py"))
                .getPath();
        var builder = new ProcessBuilder(
                        python.toString(), script, cache.files().toString(), String.valueOf(SECONDS))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putIfAbsent("OMP_NUM_THREADS", "1");
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static String bridged(int size) {
        var random = new Seeds(0).generator("speed", 0);
        try (var worlds = new EnvironmentSpec(NAME).open(size)) {
            play(worlds, random, 1);
            return play(worlds, random, SECONDS);
        }
    }

    private static String play(VectorEnvironment worlds, RandomGenerator random, double seconds) {
        var behaviour = new RandomBehaviour(worlds.actionSpace());
        var actions = new @Nullable Action[worlds.size()];
        for (var i = 0; i < worlds.size(); i++) {
            worlds.reset(i, random);
        }
        var start = System.nanoTime();
        var computing = computing();
        var steps = 0;
        while (System.nanoTime() - start < seconds * 1e9) {
            for (var i = 0; i < worlds.size(); i++) {
                actions[i] = behaviour.act(new float[0], null, random).action();
            }
            var results = worlds.step(actions);
            for (var i = 0; i < worlds.size(); i++) {
                steps++;
                if (Objects.requireNonNull(results[i]).done()) {
                    worlds.reset(i, random);
                }
            }
        }
        return String.format(
                Locale.ROOT,
                "%.0f (%.0f)",
                steps / ((System.nanoTime() - start) / 1e9),
                steps / ((computing() - computing) / 1e9));
    }

    /** How long this thread and the worker have computed, in nanoseconds. */
    private static long computing() {
        var worker = ProcessHandle.current()
                .children()
                .mapToLong(
                        child -> child.info().totalCpuDuration().orElseThrow().toNanos())
                .sum();
        return worker + ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
