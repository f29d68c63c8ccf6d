package io.hindcast.table;

import io.hindcast.config.Outside;
import io.hindcast.config.Sha256;
import io.hindcast.config.UserException;
import io.hindcast.files.Publisher;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.PolicyVersion.KeptFile;
import io.hindcast.promote.Promotion;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.promote.Verdict;
import io.hindcast.run.CheckpointStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A registry of policies, {@code DIRECTORY/NAME/}: copies of those that were promoted, and two tables that only grow. Each version of
 * a table has all rows of the one before. Who acts is the last row of {@code promotions}, so that nothing that once acted is
 * forgotten, and of two writers at once only one can add the next row: the other reads again, and decides again.
 */
public final class Registry {
    private static final int ATTEMPTS = 100;
    private static final String CHECKPOINTS = "checkpoints";
    /** Where exported policies are, below its directory. */
    public static final String POLICIES = "policies";

    private final String name;
    private final Warehouse warehouse;

    /** The one that a configuration names; it need not exist. */
    public Registry(SparkOnDemand engine, RegistryConfig config) {
        name = config.name();
        warehouse = new Warehouse(engine, config.directory().reveal() + "/" + config.name());
    }

    /**
     * What a registry holds at some moment.
     *
     * @param promotions its history, the newest last
     * @param versions the policies, by number
     */
    public record State(List<Promotion> promotions, List<PolicyVersion> versions) {
        /** The policy that acts; empty if none does yet. */
        public Optional<PolicyVersion> champion() {
            return promotions.isEmpty()
                    ? Optional.empty()
                    : version(promotions.get(promotions.size() - 1).to());
        }

        /** Whether the output directory that a decision was made in has made no other since. */
        public boolean isLastOf(Promotion promotion) {
            return promotions.stream()
                    .noneMatch(other ->
                            other.number() > promotion.number() && other.out().equals(promotion.out()));
        }

        /** A version by its number. */
        public Optional<PolicyVersion> version(@Nullable Integer number) {
            return versions.stream()
                    .filter(version -> Objects.equals(version.number(), number))
                    .findFirst();
        }

        /** The answer to a question, if it was asked before. */
        public Optional<Promotion> answered(String request) {
            return promotions.stream()
                    .filter(promotion -> promotion.request().equals(request))
                    .reduce((before, last) -> last);
        }

        /**
         * What there was before a table brought another champion, if it did: that is what it compares with.
         *
         * @param told as {@link Promotion#toldBy}
         */
        public State before(String told) {
            var rows = promotions.stream()
                    .takeWhile(promotion -> !told.equals(promotion.toldBy()) || promotion.verdict() != Verdict.PROMOTED)
                    .toList();
            return new State(rows, versions);
        }
    }

    /** A row of the history to come, and the policy that it brings; null if that is there, or there is none. */
    public record Entry(Promotion promotion, @Nullable PolicyVersion version) {}

    /** The names of the registries beside it, sorted. */
    public List<String> others() {
        var root = new Path(warehouse.root());
        try {
            return Stream.of(root.getFileSystem(warehouse.hadoop()).listStatus(root.getParent()))
                    .filter(FileStatus::isDirectory)
                    .map(entry -> entry.getPath().getName())
                    .filter(other -> !other.equals(name) && !other.startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of(); // there is no directory yet
        }
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /** Its directory as it was named; checkpoints are in it as in an output directory. */
    public String root() {
        return warehouse.root();
    }

    /** Its directory with its file system. */
    public String location() {
        return warehouse.location();
    }

    /**
     * What is published in it.
     *
     * @throws UserException if it cannot be read, or what is there is not what was published
     */
    public State state() {
        var there = warehouse.snapshot();
        var promotions = there.find(TableName.PROMOTIONS);
        if (promotions.isEmpty()) {
            return new State(List.of(), List.of());
        }
        var versions = there.require(TableName.VERSIONS);
        return new State(
                TableRows.of(warehouse, promotions.get()).stream()
                        .map(PromotionsTable::promotion)
                        .toList(),
                TableRows.of(warehouse, versions).stream()
                        .map(PromotionsTable::version)
                        .toList());
    }

    /**
     * Adds a row to the history. Where another writer was faster it is asked for again, of what is there then.
     *
     * @param decide makes it, given what is there now
     * @return the row that was added
     * @throws UserException if the directory cannot be written, or {@code decide} does not want to any more
     */
    public Promotion append(Function<State, Entry> decide) {
        new Leftovers(warehouse).removeOrphans();
        for (var attempt = 1; ; attempt++) {
            try (var publication = warehouse.begin(TableName.PROMOTIONS)) {
                var before = state();
                var entry = decide.apply(before);
                try {
                    publish(publication, before, entry);
                    return entry.promotion();
                } catch (UserException e) {
                    if (attempt == ATTEMPTS || isStill(before)) {
                        throw e;
                    }
                }
            }
        }
    }

    private boolean isStill(State before) {
        return state().promotions().size() == before.promotions().size();
    }

    private static void publish(Publication publication, State before, Entry entry) {
        var promotions = new ArrayList<@Nullable Object[]>();
        before.promotions().forEach(promotion -> promotions.add(PromotionsTable.row(promotion)));
        promotions.add(PromotionsTable.row(entry.promotion()));
        var versions = new ArrayList<@Nullable Object[]>();
        before.versions().forEach(version -> versions.add(PromotionsTable.row(version)));
        if (entry.version() != null) {
            versions.add(PromotionsTable.row(entry.version()));
        }
        var request = new Request(
                "promote",
                Map.of(
                        "request",
                        entry.promotion().request(),
                        "promotion",
                        entry.promotion().number()),
                List.of(),
                List.of());
        publication.beside(TableName.VERSIONS, request, versions);
        publication.publish(request, promotions);
    }

    /** The directory of the run of a policy, as {@link io.hindcast.data.CheckpointRef#run} has it. */
    public String run(PolicyVersion version) {
        return warehouse.root() + "/" + CHECKPOINTS + "/" + version.run();
    }

    /** Where a checkpoint is kept, below the registry. */
    public static String checkpoint(String run, long step) {
        return CHECKPOINTS + "/" + CheckpointStore.location(run, step);
    }

    /** Where the exported policy of a checkpoint is kept, below the registry. */
    public static String policy(String run, long step) {
        return POLICIES + "/" + CheckpointStore.location(run, step);
    }

    /**
     * Keeps folders of a policy. What was kept for a version that is published stays.
     *
     * @param folders the paths of the files of each, by the place below the registry that it gets
     * @return all files, by their places below the registry
     * @throws UserException if something cannot be read or written
     */
    public Map<String, KeptFile> keep(Map<String, List<String>> folders) {
        var files = new TreeMap<String, KeptFile>();
        var published = new TreeMap<String, KeptFile>();
        state().versions().forEach(version -> published.putAll(version.files()));
        for (var folder : folders.entrySet()) {
            try {
                copy(folder.getValue(), folder.getKey(), files, published);
            } catch (IOException | FSError e) {
                throw new UserException(
                        "Cannot keep " + folder.getKey() + " in " + warehouse.root() + ": "
                                + Outside.words(e, "check registry.directory"),
                        e);
            }
        }
        return files;
    }

    private void copy(List<String> from, String place, Map<String, KeptFile> kept, Map<String, KeptFile> published)
            throws IOException {
        var publisher = new Publisher(new Path(warehouse.root()), warehouse.hadoop());
        var target = new Path(warehouse.root(), place);
        var contents = new TreeMap<String, byte[]>();
        for (var file : from) {
            contents.put(new Path(file).getName(), publisher.bytes(new Path(file)));
        }
        var isThere = true;
        var isAnother = false;
        for (var entry : contents.entrySet()) {
            var bytes = entry.getValue();
            var file = new KeptFile(bytes.length, Sha256.of(bytes));
            var before = published.get(place + "/" + entry.getKey());
            kept.put(place + "/" + entry.getKey(), file);
            isThere &= publisher.holds(new Path(target, entry.getKey()), bytes);
            isAnother |= before != null && !before.equals(file);
        }
        if (isThere) {
            return;
        }
        if (isAnother) {
            throw new UserException("Cannot keep " + new Path(from.get(0)).getParent() + " in " + warehouse.root()
                    + ": a version has another policy in "
                    + place + ", of a run of the same settings and updates; promote this one into a registry of another"
                    + " name");
        }
        publisher.removeOrphans();
        publisher.makeParent(target);
        // Of two writers of the same bytes either may be faster.
        publisher.replaceFolder(target, contents);
    }
}
