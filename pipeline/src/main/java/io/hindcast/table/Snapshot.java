package io.hindcast.table;

import io.hindcast.config.UserException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is published in an output directory, as one state. It begins at the latest {@code transitions}; of every other table it has
 * the latest version that was made from what is in it, directly or through other tables. What another writer publishes later
 * changes nothing in it.
 */
public final class Snapshot {
    private final Warehouse warehouse;
    private final Map<TableName, Optional<TableVersion>> found = new EnumMap<>(TableName.class);

    Snapshot(Warehouse warehouse) {
        this.warehouse = warehouse;
        find(TableName.TRANSITIONS);
    }

    /** The table's version in this state. */
    public Optional<TableVersion> find(TableName table) {
        var known = found.get(table);
        if (known == null) {
            known = search(table);
            found.put(table, known);
        }
        return known;
    }

    /**
     * The same, for a job that cannot do without.
     *
     * @throws UserException if there is none
     */
    public TableVersion require(TableName table) {
        return find(table)
                .orElseThrow(() ->
                        new UserException("Cannot read " + table + " in " + warehouse.root() + ": " + missing(table)));
    }

    /** All tables of this state. */
    public Map<TableName, TableVersion> versions() {
        var versions = new EnumMap<TableName, TableVersion>(TableName.class);
        for (var table : TableName.values()) {
            find(table).ifPresent(version -> versions.put(table, version));
        }
        return versions;
    }

    /** A sentence for each table whose latest version is not in this state, or which lacks what belongs to it. */
    public List<String> leftOut() {
        var sentences = new ArrayList<String>();
        // What says how to mend it comes first.
        var incomplete = new ArrayList<String>();
        for (var table : TableName.values()) {
            incomplete.addAll(warehouse.incomplete(table));
            var latest = warehouse.latest(table);
            if (latest.isPresent() && !latest.equals(find(table))) {
                sentences.add(whyNot(latest.get())
                        + find(table)
                                .map(version -> "; " + version + " is read")
                                .orElse(""));
            } else if (latest.isEmpty()) {
                table.completedBy()
                        .flatMap(this::find)
                        .filter(last -> hasLost(last, table))
                        .ifPresent(last -> sentences.add(table + " of " + last + " is missing; put it back, or "
                                + remove(last.table()) + " and run " + table.producers() + " with --out "
                                + warehouse.root() + " again"));
            }
        }
        sentences.addAll(incomplete);
        return sentences;
    }

    private boolean hasLost(TableVersion last, TableName table) {
        return last.manifest().publication() != null && mustHave(last, table);
    }

    /** What there is only on request must be there if it was asked for. */
    private boolean mustHave(TableVersion last, TableName table) {
        var asked = last.manifest().configuration();
        return switch (table) {
            // Of a plane only; so something of it has to be there: of a manifest that was lost, the folder.
            case NOVELTY ->
                warehouse.torn(table).isPresent() || (NoveltyTable.isOf(asked) && warehouse.hasFolders(table));
            case JUDGED_EPISODES -> Boolean.TRUE.equals(asked.get("episodes"));
            case PROMISES -> asked.get("audit") != null;
            default -> true;
        };
    }

    private String remove(TableName table) {
        return "remove " + warehouse.root() + "/" + table;
    }

    private Optional<TableVersion> search(TableName table) {
        var last = table.completedBy();
        if (last.isEmpty()) {
            return warehouse.find(table, version -> contradiction(version).isEmpty());
        }
        var completed = find(last.get());
        if (completed.isPresent()) {
            return warehouse.beside(completed.get(), table);
        }
        // Episodes that name no transitions need none.
        return last.get() == TableName.TRANSITIONS
                ? warehouse.find(
                        table,
                        version -> version.manifest().publication() == null
                                && version.manifest().parent(last.get()).isEmpty())
                : Optional.empty();
    }

    /** What the version was made from and is not in this state. */
    private Optional<Manifest.Parent> contradiction(TableVersion version) {
        for (var table : version.table().madeFrom()) {
            var named = version.manifest().parent(table);
            if (named.isPresent() && isAnother(table, named.get())) {
                return named;
            }
        }
        return version.table() == TableName.SUBSETS ? ofOthers(version.manifest()) : Optional.empty();
    }

    /**
     * Subsets of an earlier hindcast name their episodes only, and other transitions may have the same: then they came later, or
     * these were appended to the ones that are named.
     */
    private Optional<Manifest.Parent> ofOthers(Manifest subsets) {
        var named = subsets.parent(TableName.EPISODES);
        var here = find(TableName.EPISODES).map(TableVersion::manifest);
        if (named.isEmpty()
                || here.isEmpty()
                || subsets.parent(TableName.TRANSITIONS).isPresent()
                || here.get().parent(TableName.EPISODES).equals(named)) {
            return Optional.empty();
        }
        return Instant.parse(subsets.created())
                        .isBefore(Instant.parse(here.get().created()))
                ? named
                : Optional.empty();
    }

    private boolean isAnother(TableName table, Manifest.Parent named) {
        var here = find(table);
        if (here.isPresent()) {
            return !here.get().manifest().fingerprint().equals(named.fingerprint());
        }
        // What somebody removed contradicts nothing; what came since this state began does.
        var since = find(TableName.TRANSITIONS).isPresent() ? table : TableName.TRANSITIONS;
        return warehouse.latest(since).isPresent();
    }

    private String whyNot(TableVersion version) {
        var last = version.table().completedBy();
        if (last.isPresent()) {
            var owner = warehouse.find(
                    last.get(),
                    other -> warehouse.beside(other, version.table()).equals(Optional.of(version)));
            return version
                    + owner.map(other -> " belongs to " + other + ", which is not read")
                            .orElse(" belongs to no published " + last.get()
                                    + ": its writer was stopped, or another was faster");
        }
        var contradiction = contradiction(version);
        if (contradiction.isEmpty()) {
            return version + " was published after this began; run it again";
        }
        var from = contradiction.get();
        var name = from.table() + " v" + from.version();
        var again = "; run " + version.table().producers() + " with --out " + warehouse.root() + " again";
        var here = version.table().madeFrom().stream()
                .filter(table -> table.directory().equals(from.table()))
                .findFirst()
                .flatMap(this::find);
        if (here.isEmpty()) {
            return version + " was made from " + name + ", which is not read" + again;
        }
        return here.get().number() == from.version()
                ? version + " was made from another " + name + " than is there now" + again
                : version + " was made from " + name + ", and " + here.get() + " is there now" + again;
    }

    private String missing(TableName table) {
        var last = table.completedBy().flatMap(this::find);
        var again = "run " + table.producers() + " with --out " + warehouse.root();
        if (last.isPresent()) {
            return "no version there belongs to " + last.get() + torn(table) + "; "
                    + remove(last.get().table()) + " and " + again + " again";
        }
        var latest = warehouse.latest(table);
        return latest.isPresent()
                ? whyNot(latest.get())
                : "no version is published there" + torn(table) + "; " + again + " first";
    }

    private String torn(TableName table) {
        return warehouse
                .torn(table)
                .map(file -> " (" + file + " is missing or cut; if there is a copy of it, put it back)")
                .orElse("");
    }
}
