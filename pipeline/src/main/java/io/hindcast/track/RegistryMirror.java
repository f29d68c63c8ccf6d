package io.hindcast.track;

import com.fasterxml.jackson.databind.JsonNode;
import io.hindcast.config.Outside;
import io.hindcast.track.MlflowServer.Refused;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.lang3.StringUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;

/**
 * A registry of policies, shown in MLflow as a registered model: each version with its files, as artifacts of a run, and its tags,
 * and the aliases on the versions that they point to now. The registry decides, and MLflow is told: what MLflow missed it is told at
 * the next call, and what it has is not sent again. MLflow counts versions by itself; which one is ours its tag {@value #NUMBER} says.
 */
public final class RegistryMirror {
    /** Those that are taken away where the registry has them no more. */
    private static final Set<String> OURS = Set.of("champion", "challenger");

    private static final String LOCATION = "hindcast.registry";
    private static final String NUMBER = "hindcast.version";
    private static final String FOLDER = "policy/";
    private static final int MOST_VERSIONS = 1000;
    private static final Duration REQUEST = Duration.ofSeconds(60);

    private final String uri;
    private final String experiment;
    private final MlflowServer server;
    private final Configuration hadoop;

    /**
     * A version of a policy.
     *
     * @param number of the registry, for ever
     * @param files the names that they get in MLflow, and where they lie: {@code policy.onnx}, a report, a page of judge
     * @param tags what is known of it; longer ones than 5,000 characters are cut
     */
    public record Version(int number, Map<String, String> files, Map<String, String> tags) {
        /** Maps are copied. */
        public Version {
            files = Map.copyOf(files);
            tags = Map.copyOf(tags);
        }
    }

    /**
     * A registry as it is now.
     *
     * @param name of the registered model
     * @param location where the registry lies: a model of that name that is of another one is left alone
     * @param versions all of them, by number
     * @param aliases to the numbers of versions
     */
    public record Model(String name, String location, List<Version> versions, Map<String, Integer> aliases) {
        /** Lists and maps are copied. */
        public Model {
            versions = List.copyOf(versions);
            aliases = Map.copyOf(aliases);
        }
    }

    /**
     * Asks nothing yet.
     *
     * @param trackingUri as {@link MlflowConfig#trackingUri}
     * @param experiment the one in which the runs are that hold the files
     */
    public RegistryMirror(String trackingUri, String experiment, Configuration hadoop) {
        this(trackingUri, experiment, hadoop, System.getenv(), REQUEST);
    }

    RegistryMirror(
            String trackingUri,
            String experiment,
            Configuration hadoop,
            Map<String, String> environment,
            Duration request) {
        uri = trackingUri;
        this.experiment = experiment;
        this.hadoop = hadoop;
        server = new MlflowServer(trackingUri, environment, request);
    }

    /**
     * Tells MLflow what it does not know yet; as often as wanted, with the same end.
     *
     * @return why it was not done, or not all of it, in a line; the next call does the rest
     */
    public Optional<String> mirror(Model model) {
        try {
            tell(model);
            return Optional.empty();
        } catch (Refused | UncheckedIOException | IllegalStateException | IllegalArgumentException | FSError e) {
            var why = Outside.of(e).isPresent() ? Outside.reason(e) : String.valueOf(e.getMessage());
            return Optional.of("MLflow at " + uri + " does not show registry " + model.name() + " as it is: "
                    + StringUtils.uncapitalize(StringUtils.normalizeSpace(why))
                    + "; the next promotion tells it again");
        }
    }

    private void tell(Model model) {
        var name = Map.of("name", model.name());
        var there = server.find("registered-models/get", name)
                .map(found -> found.path("registered_model"))
                .orElseGet(() -> server.post(
                                "registered-models/create",
                                Map.of(
                                        "name",
                                        model.name(),
                                        "tags",
                                        MlflowServer.pairs(
                                                Map.of(LOCATION, model.location()), MlflowServer.LONGEST_TAG)))
                        .path("registered_model"));
        if (!model.location().equals(MlflowServer.tags(there).get(LOCATION))) {
            throw new IllegalStateException("its registered model " + model.name() + " is not of the registry in "
                    + model.location() + "; give the registry another name, or remove or rename that model");
        }
        var known = known(model.name());
        for (var version : model.versions()) {
            var before = known.get(version.number());
            if (before == null) {
                known.put(version.number(), created(model, version));
            } else {
                tag(model.name(), before, version.tags());
            }
        }
        point(model, there, known);
    }

    /** Of the registry's numbers, the versions that MLflow has. */
    private Map<Integer, JsonNode> known(String name) {
        var known = new LinkedHashMap<Integer, JsonNode>();
        var query = new LinkedHashMap<String, String>();
        query.put("filter", "name='" + name + "'");
        query.put("max_results", Integer.toString(MOST_VERSIONS));
        var next = "";
        do {
            var page = server.get("model-versions/search", query);
            page.path("model_versions").forEach(version -> {
                var number = MlflowServer.tags(version).getOrDefault(NUMBER, "");
                if (number.matches("\\d{1,9}")) {
                    known.putIfAbsent(Integer.parseInt(number), version);
                }
            });
            next = page.path("next_page_token").asText();
            query.put("page_token", next);
        } while (!next.isEmpty());
        return known;
    }

    /** The version comes when its files are there: one that MLflow has is whole. */
    private JsonNode created(Model model, Version version) {
        var run = run(model, version);
        var artifacts = MlflowArtifacts.place(run);
        version.files()
                .forEach((file, place) ->
                        server.store(MlflowArtifacts.path(artifacts) + "/" + FOLDER + file, bytes(place)));
        var id = run.at("/info/run_id").asText();
        var tags = new LinkedHashMap<>(version.tags());
        tags.put(NUMBER, Integer.toString(version.number()));
        var request = Map.of(
                "name",
                model.name(),
                "source",
                artifacts + "/" + StringUtils.stripEnd(FOLDER, "/"),
                "run_id",
                id,
                "tags",
                MlflowServer.pairs(tags, MlflowServer.LONGEST_TAG));
        var created = server.post("model-versions/create", request).path("model_version");
        server.post("runs/update", Map.of("run_id", id, "status", "FINISHED", "end_time", System.currentTimeMillis()));
        return created;
    }

    /** The run that holds the files, as an earlier call left it or new. */
    private JsonNode run(Model model, Version version) {
        var in = server.experiment(experiment);
        var number = Integer.toString(version.number());
        var filter = "tags.`" + NUMBER + "` = '" + number + "'";
        var request = Map.of("experiment_ids", List.of(in), "filter", filter, "max_results", MOST_VERSIONS);
        for (var run : server.post("runs/search", request).path("runs")) {
            var tags = MlflowServer.tags(run.path("data"));
            if (model.location().equals(tags.get(LOCATION)) && number.equals(tags.get(NUMBER))) {
                return run;
            }
        }
        var tags = new LinkedHashMap<>(version.tags());
        tags.put(LOCATION, model.location());
        tags.put(NUMBER, number);
        return server.createRun(in, model.name() + "-v" + number, System.currentTimeMillis(), tags);
    }

    private void tag(String name, JsonNode there, Map<String, String> tags) {
        var known = MlflowServer.tags(there);
        MlflowServer.pairs(tags, MlflowServer.LONGEST_TAG).stream()
                .filter(pair -> !pair.value().equals(known.get(pair.key())))
                .forEach(pair -> server.post(
                        "model-versions/set-tag",
                        Map.of("name", name, "version", number(there), "key", pair.key(), "value", pair.value())));
    }

    private void point(Model model, JsonNode there, Map<Integer, JsonNode> known) {
        var now = new LinkedHashMap<String, String>();
        there.path("aliases")
                .forEach(alias -> now.put(
                        alias.path("alias").asText(), alias.path("version").asText()));
        model.aliases().forEach((alias, to) -> {
            var version = known.get(to);
            if (version == null) {
                throw new IllegalStateException(alias + " is version " + to + ", which is not among its versions");
            }
            if (!number(version).equals(now.get(alias))) {
                server.post(
                        "registered-models/alias",
                        Map.of("name", model.name(), "alias", alias, "version", number(version)));
            }
        });
        for (var alias : now.keySet()) {
            if (OURS.contains(alias) && !model.aliases().containsKey(alias)) {
                server.send("DELETE", "registered-models/alias", Map.of("name", model.name(), "alias", alias));
            }
        }
    }

    private byte[] bytes(String place) {
        return MlflowArtifacts.bytes(new Path(place), hadoop);
    }

    private static String number(JsonNode version) {
        return version.path("version").asText();
    }
}
