package io.hindcast.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindcast.config.Json;
import io.hindcast.config.Version;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.Spaces;
import io.hindcast.kernel.Kernels;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Drawn;
import io.hindcast.net.Blueprint.Output;
import io.hindcast.run.Checkpoint;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The greedy policy of a checkpoint, as evaluation plays it, for other programs. It takes observations as they were logged,
 * float32 {@code [batch, observation size]}. It gives, where actions are real vectors, the action in the units of the log,
 * {@code [batch, dimension]}; where they are indices, a score of each, {@code [batch, count]}, and the first of the largest, among
 * those that are possible where it learned from that, as the log writes it: its index, or {@code [batch, factors]} or {@code [batch, count]} whole numbers. All it says depends on the checkpoint, the
 * names and hindcast's version alone, to the byte.
 */
public final class ExportedPolicy {
    /** What goes in. */
    static final String OBSERVATION = "observation";
    /** Which actions are possible, of policies that learned from it. */
    static final String ACTION_MASK = "action_mask";
    /** What comes out. */
    static final String ACTION = "action";
    /** What vectors are drawn from. */
    static final String MEAN = "mean";
    /** Natural logarithms of standard deviations. */
    static final String LOG_STD = "log_std";
    /** Scores whose softmax are probabilities. */
    static final String LOGITS = "logits";
    /** Of each discrete action. */
    static final String PROBABILITIES = "probabilities";
    /** Of a given action. */
    static final String LOG_PROB = "log_prob";
    /** By what rule what comes out was chosen, in the metadata and in policy.json. */
    static final String ACTING = "acting";

    private final Checkpoint checkpoint;
    private final Spaces spaces;
    private final Blueprint blueprint;
    private final Comparison comparison;
    private final PolicyNames names;

    /**
     * A tensor that goes in or comes out; its first dimension is the batch's, of any size.
     *
     * @param name what it is called
     * @param type {@code float32}, {@code float64}, {@code int64} or {@code bool}
     * @param shape the dimensions behind the batch's; empty where there is one number a row
     * @param isOptional whether it need not be given
     */
    record Port(String name, String type, List<Integer> shape, boolean isOptional) {
        Port(String name, String type, List<Integer> shape) {
            this(name, type, shape, false);
        }
    }

    /** A policy that cannot be exported: it would not do as it should. What was tried once would be refused again. */
    public static final class Refused extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * The policy of {@code checkpoint}.
     *
     * @param names what the log calls what it sees and does
     * @throws Refused if its policy's actions are not finite, or its weights are so large that they might not be
     * @throws IllegalStateException if the checkpoint is not of such spaces
     */
    public ExportedPolicy(Checkpoint checkpoint, Spaces spaces, PolicyNames names, Kernels kernels) {
        this.checkpoint = checkpoint;
        this.names = names;
        this.spaces = spaces;
        var policy = checkpoint.policy(spaces, kernels);
        blueprint = policy.blueprint();
        comparison = Comparison.of(checkpoint, spaces, policy, kernels);
        if (ObservationRange.of(blueprint) == 0) {
            throw new Refused("Cannot export the policy of " + run() + " at step " + step()
                    + ": its weights are so large that an observation of " + (long) ObservationRange.LEAST
                    + " may overflow; export a checkpoint from before it diverged");
        }
    }

    /** In which formats it can be exported: Deeplearning4j has no layers that rule out what is unlikely. */
    Set<ExportFormat> formats() {
        if (blueprint.output() instanceof Output.Constrained) {
            return EnumSet.of(ExportFormat.ONNX);
        }
        return blueprint.drawn().isPresent()
                ? EnumSet.allOf(ExportFormat.class)
                : EnumSet.of(ExportFormat.DL4J, ExportFormat.ONNX);
    }

    /** The bytes of its file in a format. */
    public byte[] bytes(ExportFormat format) {
        return switch (format) {
            case DL4J -> isMasked() ? Dl4jModel.masked(blueprint) : Dl4jModel.of(blueprint);
            case ONNX -> OnnxModel.of(blueprint, spaces.actions(), inputs(format), outputs(format), metadata());
            case LOG_PROB -> LogProbModel.of(blueprint, inputs(format), outputs(format), metadata());
        };
    }

    /**
     * Restores Deeplearning4j's form from the bytes that were just made and holds it against our own policy.
     *
     * @return the largest difference, see {@link Comparison}
     * @throws Refused if it is too large
     */
    double check(byte[] network) {
        var outputs = isMasked()
                ? Dl4jModel.outputs(network, comparison.observations(), comparison.possible(), Comparison.ROWS)
                : Dl4jModel.outputs(network, comparison.observations(), Comparison.ROWS);
        if (blueprint.scores().isPresent()) {
            comparison.requireChoices(ExportFormat.DL4J, outputs.largest());
        }
        return comparison.require(ExportFormat.DL4J, outputs.values());
    }

    /** What any exported form must do. */
    Comparison comparison() {
        return comparison;
    }

    /** Whether it wants to be told which actions are possible. */
    private boolean isMasked() {
        return checkpoint.learnedFromMasks() && blueprint.scores().isPresent();
    }

    /** What goes in; of a policy that learned from what was possible, that too, and to other ones it may be given in ONNX. */
    List<Port> inputs(ExportFormat format) {
        var ports = new ArrayList<>(List.of(new Port(OBSERVATION, "float32", List.of(spaces.observationSize()))));
        var size = List.of(spaces.actions().size());
        if (format == ExportFormat.LOG_PROB) {
            ports.add(new Port(ACTION, "float32", size));
        } else if (format == ExportFormat.ONNX && blueprint.scores().isPresent()) {
            ports.add(new Port(ACTION_MASK, "bool", size, !isMasked()));
        } else if (isMasked()) {
            ports.add(new Port(ACTION_MASK, "float32", size));
        }
        return ports;
    }

    /** What comes out; DL4J has one output, and its scores' index is MultiLayerNetwork.predict's. */
    List<Port> outputs(ExportFormat format) {
        var size = List.of(spaces.actions().size());
        if (format == ExportFormat.LOG_PROB) {
            return List.of(new Port(LOG_PROB, "float64", List.of()));
        }
        if (blueprint.scores().isEmpty()) {
            var ports = new ArrayList<>(List.of(new Port(ACTION, "float32", size)));
            if (format == ExportFormat.ONNX && blueprint.drawn().isPresent()) {
                ports.add(new Port(MEAN, "float32", size));
                ports.add(new Port(LOG_STD, "float32", size));
            }
            return ports;
        }
        var ports = new ArrayList<>(List.of(new Port(blueprint.scores().get(), "float32", size)));
        if (format == ExportFormat.ONNX) {
            ports.add(new Port(
                    ACTION,
                    "int64",
                    spaces.actions() instanceof ActionSpace.Discrete space && space.isVector()
                            ? List.of(space.entries())
                            : List.of()));
            ports.add(new Port(PROBABILITIES, "float32", size));
        }
        return ports;
    }

    /**
     * By what rule what comes out is chosen, and how likely an action then is: whoever acts by another rule must log what that makes
     * of it, or no log can judge it.
     */
    Map<String, Object> acting() {
        var map = new LinkedHashMap<String, Object>();
        map.put("actions", "greedy");
        map.put("epsilon", 0.0);
        if (blueprint.scores().isPresent()) {
            var isDrawn = blueprint.scores().get().equals(LOGITS);
            if (isDrawn) {
                map.put("temperature", 1.0);
            }
            map.put("distribution", isDrawn ? "softmax" : "greedy");
            map.put(
                    "propensity",
                    "actions drawn from probabilities, or with probability epsilon from those that are possible:"
                            + " (1 - epsilon) * probabilities[action] + epsilon / how many are possible");
        } else if (blueprint.drawn().isPresent()) {
            map.put("temperature", 1.0);
            map.put("distribution", blueprint.drawn().get() instanceof Drawn.Cut ? "normal, cut" : "normal, squashed");
            map.put(
                    "propensity",
                    "exp(log_prob) of actions drawn from mean and log_std: a density in the units of the log, and of"
                            + " entries at a bound the probability of what is cut to it");
        } else {
            map.put("distribution", "greedy");
            map.put("propensity", "none: the action is always the same");
        }
        return map;
    }

    /** What it does with observations that nothing like it was trained on. */
    Map<String, Object> observations() {
        var map = new LinkedHashMap<String, Object>();
        map.put("standardised", blueprint.scaler().isPresent());
        map.put("within", ObservationRange.of(blueprint));
        return map;
    }

    /** Where it comes from, in words. */
    Map<String, String> properties() {
        var spec = checkpoint.spec();
        var properties = new LinkedHashMap<String, String>();
        properties.put("run", spec.id());
        properties.put("step", Long.toString(checkpoint.step()));
        properties.put("learner", spec.learner());
        properties.put("subset", spec.subset());
        properties.put("subset_fingerprint", spec.subsetFingerprint());
        properties.put("hindcast_version", Version.TEXT);
        return properties;
    }

    /** The same with how it acts, and with what things are called, as JSON: names may hold any character. */
    private Map<String, String> metadata() {
        var metadata = properties();
        metadata.put(ACTING, text(acting()));
        names.toMap().forEach((key, list) -> metadata.put(key, text(list)));
        return metadata;
    }

    private static String text(Object names) {
        try {
            return Json.MAPPER.writeValueAsString(names);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the log calls what it sees and does. */
    PolicyNames names() {
        return names;
    }

    /** The run it is of. */
    String run() {
        return checkpoint.spec().id();
    }

    long step() {
        return checkpoint.step();
    }

    ActionSpace actions() {
        return spaces.actions();
    }
}
