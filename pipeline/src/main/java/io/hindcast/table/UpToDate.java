package io.hindcast.table;

import io.hindcast.config.UserException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether a requested table is published already, must be made again because its inputs changed, or may not be
 * made.
 */
public final class UpToDate {
    private final Warehouse warehouse;

    /** Of the tables of an output directory. */
    public UpToDate(Warehouse warehouse) {
        this.warehouse = warehouse;
    }

    /**
     * What {@code request} asked for, if it is the latest version already; empty if it is to be made and published: the table
     * has no version, or its latest is out of date. That is so where the latest came from the same job, configuration and
     * inputs, and every version that {@code request} reads is the one that was read then or a later one that came of it: by
     * appending, or because what it was made from was brought up to date in this same sense.
     *
     * @throws UserException if the latest version came from another request
     */
    public Optional<TableVersion> published(TableName table, Request request) {
        var latest = warehouse.latest(table);
        if (latest.isPresent() && bringsUpToDate(request, latest.get().manifest())) {
            return Optional.empty();
        }
        latest.filter(version -> !version.manifest().requestKey().equals(request.key()))
                .ifPresent(version -> {
                    throw new UserException(
                            "Cannot write " + table + " to " + warehouse.root() + ": v" + version.number()
                                    + " there came from another input or configuration ("
                                    + request.differencesFrom(version.manifest()) + "); choose another --out or remove "
                                    + warehouse.root() + "/" + table);
                });
        return latest;
    }

    private boolean bringsUpToDate(Request request, Manifest made) {
        return !request.key().equals(made.requestKey())
                && request.differsOnlyInParentsFrom(made)
                && comeOf(request.parents(), parentsOfOthers(made));
    }

    /**
     * Whether the versions of {@code now} are, table by table, those of {@code before} or come of them. An earlier hindcast may have
     * named fewer.
     */
    private boolean comeOf(List<Manifest.Parent> now, List<Manifest.Parent> before) {
        return before.isEmpty() == now.isEmpty()
                && before.stream().allMatch(earlier -> now.stream().anyMatch(later -> comesOf(later, earlier)));
    }

    private boolean comesOf(Manifest.Parent now, Manifest.Parent before) {
        if (!now.table().equals(before.table())) {
            return false;
        }
        if (now.fingerprint().equals(before.fingerprint())) {
            return true;
        }
        var later = warehouse.find(now).map(TableVersion::manifest);
        if (later.isEmpty()) {
            return false;
        }
        var appendedTo = later.get().parents().stream()
                .filter(parent -> parent.table().equals(now.table()))
                .findFirst();
        if (appendedTo.isPresent()) {
            return comesOf(appendedTo.get(), before);
        }
        var remade = asked(later.get());
        return warehouse
                .find(before)
                .filter(earlier -> remade.differsOnlyInParentsFrom(earlier.manifest()))
                .filter(earlier -> comeOf(remade.parents(), parentsOfOthers(earlier.manifest())))
                .isPresent();
    }

    private static Request asked(Manifest manifest) {
        return new Request(manifest.job(), manifest.configuration(), parentsOfOthers(manifest), manifest.inputs());
    }

    /** What was read; an appended version names the one before it too, which was not asked for. */
    private static List<Manifest.Parent> parentsOfOthers(Manifest manifest) {
        return manifest.parents().stream()
                .filter(parent -> !parent.table().equals(manifest.table()))
                .toList();
    }

    /**
     * Makes sure that {@code base} was made with a configuration, so that more can be added to it.
     *
     * @throws UserException if it was another one
     */
    public void requireConfiguration(TableVersion base, Map<String, Object> configuration) {
        var manifest = base.manifest();
        var same = new Request(manifest.job(), configuration, List.of(), manifest.inputs());
        if (!same.differsOnlyInParentsFrom(manifest)) {
            throw new UserException("Cannot append to " + base + " in " + warehouse.root()
                    + ": it came from another configuration (" + same.differencesFrom(manifest)
                    + "); use that one, or ingest all files again with another --out");
        }
    }
}
