package io.hindcast.track;

import io.hindcast.run.RunSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What TensorBoard's plugin {@code hparams} is told of the runs of a job, by the tags under which it looks for it: of each the
 * name, learner, subset, seed, and all settings in which the runs differ; of the job, which these are, and that a run is worth its
 * {@code evaluation/return}. The protocol buffers are {@code HParamsPluginData} and what is in it
 * (tensorboard/plugins/hparams/plugin_data.proto and api.proto).
 */
final class Hparams {
    /** What is told of the job. */
    static final String EXPERIMENT = "_hparams_/experiment";

    /** Of a run that begins. */
    static final String START = "_hparams_/session_start_info";

    /** Of a run that is over for good. */
    static final String END = "_hparams_/session_end_info";

    /** Nothing is told of any run. */
    static final Hparams NONE = new Hparams(Map.of(), Set.of(), false);

    // The fields of HParamsPluginData.
    private static final int OF_EXPERIMENT = 2;
    private static final int OF_START = 3;
    private static final int OF_END = 4;

    private static final int STRING = 1;
    private static final int BOOL = 2;
    private static final int FLOAT64 = 3;
    private static final int VALIDATION = 2;
    private static final int SUCCESS = 1;
    private static final int FAILURE = 2;

    /** More values than these are not offered one by one. */
    private static final int MOST_VALUES = 20;

    private final Map<String, Map<String, Object>> settings;
    private final Set<String> shown;
    private final boolean act;

    private Hparams(Map<String, Map<String, Object>> settings, Set<String> shown, boolean act) {
        this.settings = settings;
        this.shown = shown;
        this.act = act;
    }

    /** Of the runs of a job. */
    static Hparams of(List<RunSpec> specs) {
        var settings = new LinkedHashMap<String, Map<String, Object>>();
        specs.stream()
                .sorted(Comparator.comparing(RunSpec::id))
                .forEach(spec -> settings.put(spec.id(), RunSettings.of(spec)));
        var shown = new LinkedHashSet<>(List.of("name", "learner", "subset", "seed"));
        settings.values().stream()
                .flatMap(run -> run.keySet().stream())
                .distinct()
                .filter(key -> values(settings, key).size() > 1)
                .sorted()
                .forEach(shown::add);
        return new Hparams(settings, shown, specs.stream().anyMatch(spec -> spec.online() != null));
    }

    /** Whether the run is one of those. */
    boolean has(RunSpec spec) {
        return settings.containsKey(spec.id());
    }

    boolean isEmpty() {
        return settings.isEmpty();
    }

    /** {@code Experiment}: {@code hparam_infos = 4} and {@code metric_infos = 5}. */
    ByteBuffer experiment() {
        var experiment = new Wire();
        for (var key : shown) {
            experiment.message(4, info(key));
        }
        var metrics = new ArrayList<>(List.of("evaluation/return"));
        if (act) {
            metrics.add("online/return");
        }
        for (var tag : metrics) {
            // MetricInfo: name = 1, of which tag = 2, display_name = 3, dataset_type = 5.
            experiment.message(
                    5,
                    new Wire().message(1, new Wire().text(2, tag)).text(3, tag).varint(5, VALIDATION));
        }
        return data(OF_EXPERIMENT, experiment);
    }

    /** {@code HParamInfo}: {@code name = 1, type = 4, domain_discrete = 5}. */
    private Wire info(String key) {
        var values = values(settings, key);
        var type = type(key);
        var info = new Wire().text(1, key).varint(4, type);
        if (values.size() <= MOST_VALUES) {
            var list = new Wire();
            values.forEach(value -> list.message(1, value(value, type)));
            info.message(5, list);
        }
        return info;
    }

    /** {@code SessionStartInfo}: {@code hparams = 1, start_time_secs = 5}. */
    ByteBuffer start(RunSpec spec, double seconds) {
        var start = new Wire();
        settings.getOrDefault(spec.id(), Map.of()).forEach((key, value) -> {
            if (shown.contains(key)) {
                start.message(1, new Wire().text(1, key).message(2, value(value, type(key))));
            }
        });
        return data(OF_START, start.number(5, seconds));
    }

    /** {@code SessionEndInfo}: {@code status = 1, end_time_secs = 2}. */
    static ByteBuffer end(boolean isFinished, double seconds) {
        return data(OF_END, new Wire().varint(1, isFinished ? SUCCESS : FAILURE).number(2, seconds));
    }

    private static ByteBuffer data(int field, Wire message) {
        return ByteBuffer.wrap(new Wire().message(field, message).toByteArray());
    }

    /** {@code google.protobuf.Value}: {@code number_value = 2, string_value = 3, bool_value = 4}. */
    private static Wire value(Object value, int type) {
        return switch (type) {
            case FLOAT64 -> new Wire().number(2, ((Number) value).doubleValue());
            case BOOL -> new Wire().varint(4, Boolean.TRUE.equals(value) ? 1 : 0);
            default ->
                new Wire().text(3, value instanceof Number number ? "" + number.doubleValue() : value.toString());
        };
    }

    private int type(String key) {
        var values = values(settings, key);
        if (values.stream().allMatch(Number.class::isInstance)) {
            return FLOAT64;
        }
        return values.stream().allMatch(Boolean.class::isInstance) ? BOOL : STRING;
    }

    /** In the order of numbers, or else of texts; numbers are equal whatever their class. */
    private static List<Object> values(Map<String, Map<String, Object>> settings, String key) {
        var values = settings.values().stream()
                .filter(run -> run.containsKey(key))
                .map(run -> run.get(key))
                .map(value -> value instanceof Number number ? (Object) number.doubleValue() : value)
                .collect(Collectors.toSet());
        var areNumbers = values.stream().allMatch(Double.class::isInstance);
        return values.stream()
                .sorted(
                        areNumbers
                                ? Comparator.comparingDouble(value -> (Double) value)
                                : Comparator.comparing(Object::toString))
                .toList();
    }
}
