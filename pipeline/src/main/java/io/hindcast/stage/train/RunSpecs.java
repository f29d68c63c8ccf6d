package io.hindcast.stage.train;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.CheckpointRef;
import io.hindcast.data.Transformation;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.run.RunSpec;
import io.hindcast.run.RunSpec.Judged;
import io.hindcast.run.RunSpec.Online;
import io.hindcast.stage.train.TrainConfig.TimeDelta;
import io.hindcast.table.SubsetStepsTable.Mixture;
import io.hindcast.table.TableVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a training job.
 *
 * @param transitions the data; empty if no run learns from any
 * @param environment where runs act, if any does
 * @param subsets their subsets, if a run learns from one
 * @param known the subsets that can be learned from
 * @param masked those whose rows say which actions were possible
 * @param mixtures how subsets are mixed, by name
 * @param transformations what is done to the rows first, by subset
 * @param predecessors which checkpoint a run begins with, by name and seed as {@link #key} has them
 * @param judged the policies that runs judge, by the name of the run
 */
record RunSpecs(
        Optional<TableVersion> transitions,
        @Nullable EnvironmentSpec environment,
        Optional<TableVersion> subsets,
        Set<String> known,
        Set<String> masked,
        Map<String, Mixture> mixtures,
        Map<String, List<Transformation>> transformations,
        Map<String, CheckpointRef> predecessors,
        Map<String, Judged> judged) {

    static String key(String name, long seed) {
        return seed + " " + name;
    }

    /**
     * Every run, costliest first so that no long one starts last.
     *
     * @throws UserException if a subset is unknown, or two runs are the same
     */
    List<RunSpec> of(TrainConfig config) {
        var all = transitions.map(version -> version.manifest().fingerprint()).orElse("");
        var specs = new ArrayList<RunSpec>();
        config.runs().forEach((name, entry) -> {
            if (!known.contains(entry.subset())) {
                throw Settings.unknown(
                        "subset", entry.subset(), known.stream().sorted().toList(), " (in train.runs." + name + ")");
            }
            var plan = config.plan(name);
            var data = entry.subset().equals(RunSpec.ALL) || entry.subset().equals(RunSpec.NONE)
                    ? all
                    : all + subsets.orElseThrow().manifest().fingerprint() + fingerprint(mixtures.get(entry.subset()));
            var acts = plan.online().steps() > 0;
            var online = acts
                    ? new Online(
                            Objects.requireNonNull(environment).decisive(),
                            plan.updates(),
                            Settings.toMap(plan.online()))
                    : null;
            for (var seed : config.seeds()) {
                specs.add(new RunSpec(
                        name,
                        entry.subset(),
                        data,
                        plan.learner(),
                        Settings.toMap((Record) plan.settings()),
                        seed,
                        acts ? plan.updates() + plan.online().updates() : plan.updates(),
                        plan.batchSize(),
                        plan.nStep(),
                        config.logEvery(),
                        config.checkpointEvery(),
                        config.truncationIsTerminal(),
                        transformations.getOrDefault(entry.subset(), List.of()),
                        config.timeDelta() == TimeDelta.DISCOUNT,
                        predecessors.get(key(name, seed)),
                        online,
                        masked.contains(entry.subset()),
                        judged.get(name),
                        config.precision()));
            }
        });
        var names = new HashMap<String, String>();
        for (var spec : specs) {
            var other = names.put(spec.id(), spec.name());
            if (other != null) {
                throw new UserException("Cannot train both " + other + " and " + spec.name()
                        + ": they have the same learner, subset and settings; remove one of them");
            }
        }
        specs.sort(Comparator.comparingDouble(RunSpecs::cost).reversed());
        return specs;
    }

    /** Roughly proportional to a run's work: updates x rows x hidden units of all its networks. */
    private static double cost(RunSpec spec) {
        var settings = ConfigFactory.parseMap(spec.settings());
        var units = 0.0;
        for (var key : settings.root().keySet()) {
            if (settings.hasPath(key + ".hidden-layers")) {
                units += settings.getIntList(key + ".hidden-layers").stream()
                        .mapToInt(Integer::intValue)
                        .sum();
            }
        }
        return units * spec.updates() * spec.batchSize();
    }

    /** The content of the other datasets and how they are weighted, but not where they lie. */
    private static String fingerprint(@Nullable Mixture mixture) {
        if (mixture == null) {
            return "";
        }
        var text = new StringBuilder("-" + mixture.weight());
        for (var other : mixture.others()) {
            text.append("-")
                    .append(other.weight())
                    .append("-")
                    .append(other.transitions().fingerprint());
            if (other.subsets() != null) {
                text.append(other.subsets().fingerprint()).append("-").append(other.subset());
            }
        }
        return text.toString();
    }
}
