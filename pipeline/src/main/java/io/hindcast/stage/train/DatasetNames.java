package io.hindcast.stage.train;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.data.ActionSpace;
import io.hindcast.data.ActionSpace.Discrete.Written;
import io.hindcast.data.Spaces;
import io.hindcast.export.PolicyNames;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.EntryNames;
import java.util.List;
import java.util.Map;

/** The names that the log of a dataset has for its actions and for the entries of its vectors. */
final class DatasetNames {
    private DatasetNames() {}

    /** As the manifest of a version of {@code transitions} tells; none where it does not. */
    @SuppressWarnings("unchecked") // written by IngestStage, read back as JSON
    static PolicyNames of(Map<String, Object> configuration, Spaces spaces) {
        if (!(configuration.get("columns") instanceof Map<?, ?> given)
                || spaces.observationSize() > PolicyNames.MOST
                || spaces.actions().size() > PolicyNames.MOST) {
            return PolicyNames.NONE;
        }
        var categories = (Map<String, List<String>>) configuration.getOrDefault("categories", Map.of());
        ColumnMapping columns;
        try {
            columns =
                    Settings.read(ColumnMapping.class, ConfigFactory.parseMap((Map<String, Object>) given), "columns");
        } catch (UserException e) {
            return PolicyNames.NONE; // another hindcast's mapping
        }
        return new PolicyNames(
                EntryNames.of(columns.observation(), columns, categories, spaces.observationSize()),
                actions(columns, categories, spaces.actions()),
                entries(columns, spaces.actions()));
    }

    private static List<String> actions(
            ColumnMapping columns, Map<String, List<String>> categories, ActionSpace actions) {
        var names = categories.getOrDefault(columns.actionCategory(), List.of());
        if (actions instanceof ActionSpace.Discrete space && space.written() == Written.ONE_HOT) {
            names = EntryNames.of(columns.action(), columns, Map.of(), space.count());
        }
        return names.size() == actions.size() ? names : List.of();
    }

    private static List<String> entries(ColumnMapping columns, ActionSpace actions) {
        if (columns.action().isEmpty()) {
            return List.of();
        }
        var entries = actions instanceof ActionSpace.Discrete space
                ? space.written() == Written.ONE_HOT ? 0 : space.entries()
                : actions.size();
        return entries == 0 ? List.of() : EntryNames.of(columns.action(), columns, Map.of(), entries);
    }
}
