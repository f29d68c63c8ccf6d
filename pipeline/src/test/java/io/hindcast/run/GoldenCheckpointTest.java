package io.hindcast.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.collect.Collector;
import io.hindcast.config.Settings;
import io.hindcast.data.Action;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Batch;
import io.hindcast.data.Noise;
import io.hindcast.data.OnlineReplay;
import io.hindcast.data.Replay;
import io.hindcast.data.ReplayBuffer;
import io.hindcast.data.ReplayBuffer.TerminalFlag;
import io.hindcast.data.RowLayout;
import io.hindcast.data.RowLayout.Field;
import io.hindcast.data.Scaler;
import io.hindcast.data.Spaces;
import io.hindcast.data.Transformation;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.env.Environments;
import io.hindcast.kernel.Kernels;
import io.hindcast.kernel.PlainKernels;
import io.hindcast.learn.Fqe;
import io.hindcast.learn.Judged;
import io.hindcast.learn.Learner;
import io.hindcast.learn.LearnerConfig;
import io.hindcast.learn.LearnerSetup;
import io.hindcast.learn.PolicyLearner;
import io.hindcast.net.Actor.Preference;
import io.hindcast.net.Adam;
import io.hindcast.net.LogStdBounds;
import io.hindcast.net.Network;
import io.hindcast.net.NetworkConfig;
import io.hindcast.net.StochasticPolicy;
import io.hindcast.score.Rollout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What short trainings learn, to the bit, as it was when this test was written: what is added for other data must not change what
 * comes of these. Plain kernels are the same on every machine of a kind; other kinds may round exponentials otherwise.
 *
 * <p>Where a change of results is meant, {@code golden-checkpoints.txt} is written anew from the message of the failure.
 */
final class GoldenCheckpointTest {
    private static final int ROWS = 60;
    private static final int EPISODE = 10;
    private static final int BATCH = 16;
    private static final int UPDATES = 25;
    private static final List<ActionSpace> ACTIONS =
            List.of(new ActionSpace.Discrete(3), new ActionSpace.Continuous(2, -1, 3));

    @BeforeEach
    void exponentialsAreThoseOfThisKindOfMachine() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"));
    }

    @Test
    void everyLearnerLearnsWhatItDidFromRowsAsTheyAre() throws IOException {
        assertThat(text(learned("as-they-are", actions -> data(actions, ROWS))))
                .isEqualTo(text(expected("as-they-are ")));
    }

    @Test
    void everyLearnerLearnsWhatItDidFromRowsThatAreMadeReady() throws IOException {
        assertThat(text(learned("made-ready", GoldenCheckpointTest::madeReady)))
                .isEqualTo(text(expected("made-ready ")));
    }

    @Test
    void rowsInAFileAreLearnedFromAsThoseOnTheHeap(@TempDir Path folder) throws IOException {
        var hashes = new TreeMap<String, String>();
        try (var kernels = new PlainKernels();
                var rows = ReplayBuffer.mapped(RowLayout.of(new Spaces(3, ACTIONS.get(0))), ROWS, folder)) {
            fill(rows);
            rows.seal();
            var learner = learner("dqn", rows.spaces(), kernels);
            update(learner, rows);
            hashes.put("as-they-are dqn discrete", hash(learner));
        }
        assertThat(expected("as-they-are ")).containsAllEntriesOf(hashes);
    }

    @Test
    void whoActsDoesWhatItDidAndLearnsFromItWhatItDid() throws IOException {
        var hashes = new TreeMap<String, String>();
        for (var world : List.of("pointmass-easy", "pendulum")) {
            for (var acting : List.of(
                    "actions = sampled, epsilon = 0.1, warm-up = 5",
                    "actions = greedy, warm-up = 20, warm-up-actions = random")) {
                online(world, acting, hashes);
            }
        }
        assertThat(text(hashes)).isEqualTo(text(expected("online ")));
    }

    @Test
    void whatIsCollectedIsWhatItWas() throws IOException {
        var hashes = new TreeMap<String, String>();
        try (var kernels = new PlainKernels()) {
            for (var world : List.of("pointmass-easy", "cartpole", "pendulum")) {
                hashes.put("collected random " + world, collected("behaviour = random", world, kernels));
            }
            for (var world : List.of("pointmass-easy", "cartpole")) {
                hashes.put(
                        "collected rnd " + world,
                        collected(
                                "behaviour = rnd, rnd { batch-size = 8, q-learning.critic.hidden-layers = [8],"
                                        + " distillation { predictor.hidden-layers = [8], target.hidden-layers = [8] } }",
                                world,
                                kernels));
            }
        }
        assertThat(text(hashes)).isEqualTo(text(expected("collected ")));
    }

    @Test
    void whatAPolicyDoesWhereItIsPlayedIsWhatItWas() throws IOException {
        var hashes = new TreeMap<String, String>();
        for (var world : List.of("pointmass-easy", "cartpole", "pendulum")) {
            for (var name : LearnerConfig.LEARNERS.keySet()) {
                try (var kernels = new PlainKernels();
                        var worlds = new EnvironmentSpec(world).open(3)) {
                    if (!fits(name, worlds.spaces())) {
                        continue;
                    }
                    var config = config(name);
                    var policy = PolicyLearner.of(config.learner(setup(worlds.spaces(), kernels)))
                            .policy();
                    hashes.put(
                            "played " + name + " " + world,
                            hash(Rollout.run(worlds, policy, kernels, 1, new Seeds(4), Optional.empty())
                                    .toString()));
                }
            }
        }
        assertThat(text(hashes)).isEqualTo(text(expected("played ")));
    }

    /** Makes the rows of a test. */
    private interface Rows {
        ReplayBuffer of(ActionSpace actions);
    }

    private static Map<String, String> learned(String what, Rows rows) {
        var hashes = new TreeMap<String, String>();
        for (var actions : ACTIONS) {
            for (var name : LearnerConfig.LEARNERS.keySet()) {
                try (var kernels = new PlainKernels()) {
                    var data = rows.of(actions);
                    if (fits(name, data.spaces())) {
                        var learner = learner(name, data.spaces(), kernels);
                        update(learner, data);
                        hashes.put(what + " " + name + " " + kind(actions), hash(learner));
                    }
                }
            }
            try (var kernels = new PlainKernels()) {
                var data = rows.of(actions);
                var policy = judged(data.spaces(), kernels);
                var fqe = fqe(policy, setup(data.spaces(), kernels));
                update(fqe, data);
                var networks = new TreeMap<>(fqe.networks());
                networks.put("policy", policy);
                hashes.put(what + " fqe " + kind(actions), hash(networks, fqe.optimisers()));
            }
        }
        return hashes;
    }

    private static void online(String worldName, String acting, Map<String, String> hashes) {
        for (var name : LearnerConfig.LEARNERS.keySet()) {
            try (var kernels = new PlainKernels();
                    var world = new EnvironmentSpec(worldName).open()) {
                if (!fits(name, world.spaces())) {
                    continue;
                }
                var spec = spec(name, world.spaces(), acting);
                var dataset = new ReplayBuffer(world.spaces(), 1);
                var zeros = new float[world.observationSize()];
                var action = world.actionSpace() instanceof ActionSpace.Continuous space
                        ? new Action.Vector(new float[space.dimension()])
                        : new Action.Index(0);
                dataset.append(zeros, action, 1, zeros, TerminalFlag.KEEPS_BOOTSTRAP);
                var replay = new OnlineReplay(dataset, 40);
                var learner = learner(name, world.spaces(), kernels);
                var seeds = new Seeds(7);
                var interaction = new Interaction(spec, world, replay, learner.policy(), kernels, seeds);
                var batch = batch(replay);
                for (var step = 1; step <= UPDATES; step++) {
                    interaction.actBefore(step);
                    TrainingLoop.update(learner, replay, batch, seeds, step);
                }
                var text = "online " + name + " " + worldName + " " + acting.replaceAll("[^a-z0-9.]+", "-");
                hashes.put(
                        text,
                        hash(learner) + " " + hash(interaction.sinceCheckpoint().rows()));
            }
        }
    }

    private static String collected(String settings, String world, Kernels kernels) {
        var config = Settings.read(
                CollectConfig.class, ConfigFactory.parseString(settings + ", steps = 120, seed = 5"), "collect");
        try (var environment = Environments.named(world)) {
            var source = settings.contains("rnd")
                    ? config.explorerIn(environment, kernels)
                    : new Collector(environment, config.behaviourIn(environment), new Seeds(config.seed()));
            var text = new StringBuilder();
            config.sequence(source)
                    .forEachRemaining(episode -> episode.forEach(row -> {
                        for (var number : row.observation()) {
                            text.append(number).append(' ');
                        }
                        text.append(row.action() instanceof Action.Vector vector ? vector.values()[0] : row.action())
                                .append(row.reward())
                                .append(row.terminated())
                                .append(row.truncated())
                                .append(row.behaviourLogProb())
                                .append('\n');
                    }));
            return hash(text.toString());
        }
    }

    private static ReplayBuffer data(ActionSpace actions, int rows) {
        var data = new ReplayBuffer(new Spaces(3, actions), rows);
        fill(data);
        return data;
    }

    /** Episodes that terminate and episodes that are cut, in turn. */
    private static void fill(ReplayBuffer data) {
        var random = new SplittableRandom(11);
        var actions = data.spaces().actions();
        var observation = numbers(random);
        for (var row = 0; row < ROWS; row++) {
            var next = numbers(random);
            var action = actions instanceof ActionSpace.Continuous
                    ? new Action.Vector(
                            new float[] {(float) random.nextDouble(-1, 3), (float) random.nextDouble(-1, 3)})
                    : new Action.Index(random.nextInt(3));
            var isLast = row % EPISODE == EPISODE - 1;
            data.append(
                    observation,
                    action,
                    random.nextGaussian(),
                    next,
                    isLast && row / EPISODE % 2 == 0 ? TerminalFlag.STOPS_BOOTSTRAP : TerminalFlag.KEEPS_BOOTSTRAP);
            if (isLast) {
                data.endEpisode();
            }
            observation = isLast ? numbers(random) : next;
        }
    }

    private static ReplayBuffer madeReady(ActionSpace actions) {
        var data = data(actions, ROWS);
        new Transformation.Reward(0.5, -1).apply(data);
        new Transformation.Standardise(new Scaler(List.of(0.1, 0.0, -0.2), List.of(1.0, 2.0, 0.7), 1e-3)).apply(data);
        if (actions instanceof ActionSpace.Continuous) {
            new Transformation.ClipActions(0.2).apply(data);
        }
        data.foldSteps(3, 0.9);
        data.mix(List.of(20, ROWS), List.of(3.0, 1.0));
        return data;
    }

    private static float[] numbers(SplittableRandom random) {
        return new float[] {(float) random.nextGaussian(), (float) random.nextGaussian(), (float) random.nextGaussian()
        };
    }

    private static void update(Learner learner, Replay data) {
        var batch = batch(data);
        for (var step = 1; step <= UPDATES; step++) {
            TrainingLoop.update(learner, data, batch, new Seeds(3), step);
        }
    }

    /** With what some learners want to know of rows, and these do not say. */
    private static Batch batch(Replay data) {
        return new Batch(
                data.layout().with(Set.of(Field.NEXT_ACTION, Field.NEXT_ACTION_KNOWN, Field.RETURN_TO_GO)), BATCH);
    }

    /** Whether it learns a policy there. */
    private static boolean fits(String name, Spaces spaces) {
        return config(name).isFor(spaces.actions()) && config(name).learnsPolicy();
    }

    private static StochasticPolicy judged(Spaces spaces, Kernels kernels) {
        var network = Settings.read(NetworkConfig.class, ConfigFactory.parseString("hidden-layers = [8]"), "policy");
        var policy = StochasticPolicy.of(kernels, spaces, network, new LogStdBounds(-5, 2));
        policy.initialise(new SplittableRandom(8));
        return policy;
    }

    /** Of a policy that draws its actions, which are not cut. */
    private static Learner fqe(StochasticPolicy policy, LearnerSetup setup) {
        var judged =
                new Judged(policy, Preference.SAMPLED, 0, Double.POSITIVE_INFINITY, new float[3], null, Noise::none);
        return Settings.read(Fqe.Config.class, ConfigFactory.parseString("critic.hidden-layers = [8]"), "fqe")
                .learner(new LearnerSetup(
                        setup.spaces(),
                        setup.batchSize(),
                        setup.updates(),
                        setup.kernels(),
                        setup.initialisation(),
                        judged));
    }

    private static PolicyLearner learner(String name, Spaces spaces, Kernels kernels) {
        return PolicyLearner.of(config(name).learner(setup(spaces, kernels)));
    }

    private static LearnerSetup setup(Spaces spaces, Kernels kernels) {
        return new LearnerSetup(spaces, BATCH, UPDATES, kernels, new SplittableRandom(2));
    }

    /** Its defaults, but for small networks. */
    private static LearnerConfig config(String name) {
        return LearnerConfig.read(name, ConfigFactory.parseMap(small(name)), "test");
    }

    private static Map<String, Object> small(String name) {
        var config = ConfigFactory.empty();
        for (var setting : Settings.describe(Objects.requireNonNull(LearnerConfig.LEARNERS.get(name)))) {
            if (setting.key().endsWith("hidden-layers")) {
                config = config.withValue(setting.key(), ConfigValueFactory.fromIterable(List.of(8)));
            }
        }
        return config.root().unwrapped();
    }

    private static RunSpec spec(String learner, Spaces spaces, String acting) {
        var online = Settings.read(
                OnlineConfig.class, ConfigFactory.parseString("steps = 60, capacity = 40, " + acting), "online");
        return new RunSpec(
                "name",
                "none",
                "",
                learner,
                Settings.toMap((Record) config(learner)),
                7,
                UPDATES,
                BATCH,
                2,
                1,
                10,
                false,
                List.of(
                        new Transformation.Reward(2, 1),
                        new Transformation.Standardise(new Scaler(
                                Collections.nCopies(spaces.observationSize(), 0.1),
                                Collections.nCopies(spaces.observationSize(), 0.5),
                                0))),
                false,
                null,
                new RunSpec.Online(Map.of(), 0, Settings.toMap(online)));
    }

    private static String kind(ActionSpace actions) {
        return actions instanceof ActionSpace.Discrete ? "discrete" : "continuous";
    }

    private static String hash(Learner learner) {
        return hash(learner.networks(), learner.optimisers());
    }

    private static String hash(Map<String, Network> networks, Map<String, Adam> optimisers) {
        var digest = sha256();
        new TreeMap<>(networks)
                .forEach((name, network) ->
                        add(digest, name, network.parameters().values()));
        new TreeMap<>(optimisers).forEach((name, adam) -> {
            adam.firstMoments().forEach(moment -> add(digest, name, moment));
            adam.secondMoments().forEach(moment -> add(digest, name, moment));
        });
        return text(digest);
    }

    private static String hash(float[] values) {
        var digest = sha256();
        add(digest, "", values);
        return text(digest);
    }

    private static String hash(String text) {
        var digest = sha256();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return text(digest);
    }

    private static void add(MessageDigest digest, String name, float[] values) {
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        var bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        digest.update(bytes);
    }

    private static String text(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Map<String, String> hashes) {
        return hashes.entrySet().stream()
                .map(hash -> hash.getKey() + " = " + hash.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static Map<String, String> expected(String prefix) throws IOException {
        var lines = new ArrayList<String>();
        try (var in = GoldenCheckpointTest.class.getResourceAsStream("/golden-checkpoints.txt")) {
            new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(lines::add);
        }
        var expected = new TreeMap<String, String>();
        for (var line : lines) {
            var cut = line.indexOf(" = ");
            if (line.startsWith(prefix)) {
                expected.put(line.substring(0, cut), line.substring(cut + 3));
            }
        }
        return expected;
    }
}
