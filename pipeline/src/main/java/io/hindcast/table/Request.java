package io.hindcast.table;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.config.Sha256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A request for a table: the same request gives the same rows, so it need not be computed twice.
 *
 * @param job the job that asks, for example {@code ingest}
 * @param configuration its settings as JSON values
 * @param parents the versions it reads
 * @param inputs the foreign files it reads
 */
public record Request(
        String job, Map<String, Object> configuration, List<Manifest.Parent> parents, List<Input> inputs) {

    /** SHA-256 of the request as JSON with sorted keys; parents count by content, not by version number. */
    public String key() {
        var content = Map.of(
                "job",
                job,
                "configuration",
                configuration,
                "parents",
                parents.stream()
                        .map(parent -> List.of(parent.table(), parent.fingerprint()))
                        .toList(),
                "inputs",
                inputs.stream()
                        .map(input -> new Input(input.name(), input.bytes(), input.sha256()))
                        .toList());
        return Sha256.of(Json.text(content));
    }

    /** What its job and configuration are, for {@link #differencesFrom(String)} of another one. */
    public String note() {
        return Json.text(Map.of("job", job, "configuration", configuration));
    }

    /** How it differs from the request that {@code note} is of; empty if it does not, or that is no note. */
    public Optional<String> differencesFrom(String note) {
        try {
            var noted = Json.SORTED.readValue(note, Note.class);
            var other = new Request(noted.job(), noted.configuration(), List.of(), List.of());
            return other.key().equals(new Request(job, configuration, List.of(), List.of()).key())
                    ? Optional.empty()
                    : Optional.of(differences(
                            facts(noted.job(), noted.configuration(), List.of(), List.of()),
                            facts(job, configuration, List.of(), List.of())));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private record Note(String job, Map<String, Object> configuration) {}

    /** Whether {@code published} came from the same job, configuration and inputs. */
    boolean differsOnlyInParentsFrom(Manifest published) {
        var here = new Request(job, configuration, List.of(), inputs);
        var there = new Request(published.job(), published.configuration(), List.of(), published.inputs());
        return here.key().equals(there.key());
    }

    /** How this request differs from the one that made {@code published}: up to three of {@code what: there -> here}. */
    String differencesFrom(Manifest published) {
        // An appended version names the one before it, which was not asked for.
        var parents = published.parents().stream()
                .filter(parent -> !parent.table().equals(published.table()))
                .toList();
        var there = facts(published.job(), published.configuration(), parents, published.inputs());
        return differences(there, facts(job, configuration, this.parents, inputs));
    }

    private static String differences(Map<String, String> there, Map<String, String> here) {
        var names = new TreeSet<>(there.keySet());
        names.addAll(here.keySet());
        var differences = new ArrayList<String>();
        for (var name : names) {
            var before = there.getOrDefault(name, "none");
            var now = here.getOrDefault(name, "none");
            if (!Objects.equals(before, now)) {
                differences.add(name + ": " + before + " -> " + now);
            }
        }
        var more = differences.size() > 3 ? ", and " + (differences.size() - 3) + " more" : "";
        return String.join(", ", differences.subList(0, Math.min(3, differences.size()))) + more;
    }

    private static Map<String, String> facts(
            String job, Map<String, Object> configuration, List<Manifest.Parent> parents, List<Input> inputs) {
        var facts = flat(configuration);
        facts.put("job", job);
        for (var parent : parents) {
            facts.put("parent " + parent.table(), parent.fingerprint().substring(0, 8));
        }
        for (var input : inputs) {
            facts.put(
                    "input " + input.name(),
                    input.bytes() + " bytes, sha256 " + input.sha256().substring(0, 8)
                            + (input.pinned() == null
                                    ? ""
                                    : ", version " + input.pinned().version()));
        }
        return facts;
    }

    /** Nested maps as one map with dotted keys; every value as JSON text. */
    private static Map<String, String> flat(Map<String, ?> nested) {
        var flat = new LinkedHashMap<String, String>();
        nested.forEach((key, value) -> flatten(key, value, flat));
        return flat;
    }

    private static void flatten(String key, Object value, Map<String, String> flat) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((inner, item) -> flatten(key + "." + inner, item, flat));
        } else {
            flat.put(key, value instanceof String string ? string : Json.text(value));
        }
    }
}
