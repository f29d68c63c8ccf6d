package io.hindcast.jobs;

import io.hindcast.table.Warehouse;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** The session of a platform in which a job is a guest: what the job sets in it is put back as it was. */
final class HostSession {
    /** What the job sets; a session hands its own settings to Hadoop as they are. */
    static final Map<String, String> SETTINGS = Warehouse.SESSION_SETTINGS.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(
                    entry -> entry.getKey().replaceFirst("^spark\\.hadoop\\.", ""), Map.Entry::getValue));

    private final SparkSession session;
    private final Map<String, Optional<String>> before = new HashMap<>();

    private HostSession(SparkSession session) {
        this.session = session;
        SETTINGS.keySet().forEach(key -> before.put(key, setting(key)));
    }

    static HostSession keep() {
        return new HostSession(SparkSession.builder().getOrCreate());
    }

    private Optional<String> setting(String key) {
        var value = session.conf().getOption(key);
        return value.isDefined() ? Optional.of(value.get()) : Optional.empty();
    }

    void putBack() {
        if (session.sparkContext().isStopped()) {
            return;
        }
        before.forEach((key, value) -> {
            if (!value.equals(setting(key))) {
                value.ifPresentOrElse(
                        was -> session.conf().set(key, was),
                        () -> session.conf().unset(key));
            }
        });
    }
}
