package io.hindcast.stage.report;

import io.hindcast.config.Address;
import io.hindcast.config.Outside;
import io.hindcast.config.Secrets;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.config.Version;
import io.hindcast.report.CompareJson;
import io.hindcast.report.ComparePage;
import io.hindcast.report.Comparison;
import io.hindcast.report.Comparison.Out;
import io.hindcast.report.Comparison.Task;
import io.hindcast.report.Figure;
import io.hindcast.report.ReportData.Source;
import io.hindcast.report.Result;
import io.hindcast.stage.ReportFolder;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.Manifest;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** Sets the results of several output directories beside each other: {@code compare/compare.html} and {@code compare.json}. */
final class Comparing {
    private static final String FOLDER = "compare";
    private static final String PAGE = "compare.html";
    private static final String REFERENCE = "give evaluate.reference { min, max } and evaluate again, or ";

    private final StageContext context;
    private final ReportConfig config;

    private Comparing(StageContext context, ReportConfig config) {
        this.context = context;
        this.config = config;
    }

    /**
     * A directory to compare, with what is read there.
     *
     * @param task the words for its environment and dataset
     * @param identity what makes it of one task with another: the environment with its settings, and the data themselves
     */
    private record Output(
            Address place,
            Warehouse warehouse,
            String task,
            List<Object> identity,
            Map<TableName, TableVersion> tables) {
        Optional<String> page(Hrefs hrefs) {
            return hrefs.to(warehouse.root() + "/report/report.html");
        }

        /** What its scores refer to, as evaluate was told. */
        @Nullable Object reference() {
            return Objects.requireNonNull(tables.get(TableName.EVALUATIONS))
                    .manifest()
                    .configuration()
                    .get("reference");
        }
    }

    /** @throws UserException if a directory has no evaluations, or they cannot be compared */
    static StageResult run(StageContext context, ReportConfig config) {
        return new Comparing(context, config).run();
    }

    private StageResult run() {
        var outputs = outputs();
        var root = context.warehouse().root();
        var hrefs = new Hrefs(root + "/" + FOLDER, context.engine().hadoop());
        var configuration = Settings.toMap(config);
        configuration.put(
                "links",
                outputs.stream().flatMap(output -> output.page(hrefs).stream()).toList());
        var request = new Request(
                "report",
                configuration,
                outputs.stream()
                        .flatMap(output -> output.tables().values().stream())
                        .map(TableVersion::asParent)
                        .toList(),
                List.of());
        var folder = new ReportFolder(root, FOLDER, PAGE, context.engine().hadoop());
        if (folder.holds(request)) {
            return new StageResult(
                    true,
                    folder.page() + " is there already, from the same tables and configuration: nothing to do",
                    List.of());
        }
        var groups = List.copyOf(outputs.stream()
                .collect(Collectors.groupingBy(Output::identity, LinkedHashMap::new, Collectors.toList()))
                .values());
        var tasks = tasks(groups, hrefs);
        var figure = figure(tasks.stream().flatMap(task -> task.outs().stream()).toList());
        if (figure == Figure.SCORE) {
            groups.forEach(Comparing::requireOneReference);
        }
        var comparison = Comparison.of(Secrets.hideByForm(config.title()), figure, tasks, written());
        folder.publish(
                request, Map.of(PAGE, ComparePage.html(comparison), "compare.json", CompareJson.json(comparison)));
        ComparePage.lines(comparison).forEach(line -> context.progress().say("[report] " + line));
        context.progress().say("[report] " + folder.page());
        return new StageResult(false, "comparison written to " + folder.page(), List.of());
    }

    private List<Output> outputs() {
        var outputs = new ArrayList<Output>();
        var places = new LinkedHashMap<String, Address>();
        for (var address : config.compare()) {
            var warehouse = new Warehouse(context.engine(), address.reveal());
            if (places.put(warehouse.location(), address) != null) {
                throw new UserException("Cannot compare " + address + " with itself: it is named twice; name it once");
            }
            requireThere(address, warehouse);
            outputs.add(output(address, warehouse));
        }
        return outputs;
    }

    private void requireThere(Address address, Warehouse warehouse) {
        try {
            var path = new Path(warehouse.location());
            var files = path.getFileSystem(context.engine().hadoop());
            if (!files.exists(path) || files.getFileStatus(path).isFile()) {
                throw new UserException("Cannot compare " + address
                        + ": there is no such directory; check the paths of --compare (report.compare)");
            }
        } catch (IOException e) {
            throw new UserException("Cannot compare " + address + ": " + Outside.words(e, "check the path"), e);
        }
    }

    private static Output output(Address place, Warehouse warehouse) {
        var snapshot = warehouse.snapshot();
        var tables = new EnumMap<TableName, TableVersion>(TableName.class);
        for (var table : List.of(TableName.RUNS, TableName.EVALUATIONS)) {
            tables.put(table, snapshot.require(table));
        }
        var evaluations = snapshot.require(TableName.EVALUATIONS).manifest().configuration();
        var environment = String.valueOf(evaluations.get("environment"));
        var data = snapshot.find(TableName.TRANSITIONS).map(TableVersion::manifest);
        var dataset = data.map(transitions -> transitions.configuration().get("dataset"));
        return new Output(
                place,
                warehouse,
                dataset.map(name -> name + " in " + environment).orElse(environment),
                Arrays.asList(environment, evaluations.get("gymnasium"), dataset, data.map(Manifest::fingerprint)),
                tables);
    }

    /** Tasks of one environment and dataset name have other data: they are told apart by their directories. */
    private static List<Task> tasks(List<List<Output>> groups, Hrefs hrefs) {
        var tasks = new ArrayList<Task>();
        for (var group : groups) {
            var first = group.get(0);
            var alike = groups.stream()
                    .map(other -> other.get(0))
                    .filter(other -> other.task().equals(first.task()))
                    .toList();
            var name = alike.size() == 1
                    ? first.task()
                    : first.task() + " (" + labels(alike).get(alike.indexOf(first)) + ")";
            var labels = labels(group);
            tasks.add(new Task(
                    name,
                    IntStream.range(0, group.size())
                            .mapToObj(i -> out(group.get(i), labels.get(i), hrefs))
                            .toList()));
        }
        return tasks;
    }

    private static List<String> labels(List<Output> outputs) {
        return PathLabels.of(outputs.stream()
                .map(output -> new Address(output.warehouse().location()).toString())
                .toList());
    }

    private static Out out(Output output, String label, Hrefs hrefs) {
        var all = Result.of(new RunReader(output.warehouse(), output.tables()).runs());
        var results = all.stream().filter(result -> result.bests().count() > 0).toList();
        if (results.isEmpty()) {
            var outcomes = new TreeMap<String, Long>();
            all.forEach(
                    result -> result.outcomes().forEach((outcome, runs) -> outcomes.merge(outcome, runs, Long::sum)));
            var ended = outcomes.entrySet().stream()
                    .map(outcome -> outcome.getValue() + " " + outcome.getKey())
                    .collect(Collectors.joining(", "));
            throw new UserException(
                    "Cannot compare " + output.place() + ": no episode was played with any of its runs (" + ended
                            + "); leave it out, or train and evaluate there again");
        }
        return new Out(
                label,
                output.place().toString(),
                output.page(hrefs).orElse(null),
                results,
                output.tables().values().stream().map(Comparing::source).toList());
    }

    /** Where scores of one task stand in one table they must mean the same. */
    private static void requireOneReference(List<Output> task) {
        var first = task.get(0);
        for (var other : task) {
            if (!Objects.equals(first.reference(), other.reference())) {
                throw new UserException("Cannot compare " + first.place() + " with " + other.place()
                        + " by score: both are of " + first.task() + ", and their scores refer to other returns ("
                        + words(first.reference()) + " and " + words(other.reference())
                        + "); give both the same evaluate.reference and evaluate again, or compare by return"
                        + " (report.compare-by)");
            }
        }
    }

    private static String words(@Nullable Object reference) {
        return reference instanceof Map<?, ?> returns
                ? "min = " + returns.get("min") + ", max = " + returns.get("max")
                : "published ones";
    }

    private static Source source(TableVersion version) {
        return new Source(
                version.table().directory(),
                version.number(),
                version.manifest().rows(),
                version.manifest().fingerprint(),
                version.manifest().created());
    }

    /** By normalised scores where all have them, or else by returns; by what was asked for if anything was. */
    private Figure figure(List<Out> outs) {
        var asked = config.compareBy();
        if (asked != null) {
            for (var out : outs) {
                if (!has(out, asked)) {
                    throw new UserException("Cannot compare " + out.place() + " by " + asked.key()
                            + ": its evaluations have none; " + (asked == Figure.SCORE ? REFERENCE : "")
                            + "compare by return (report.compare-by)");
                }
            }
            return asked;
        }
        var scored = outs.stream().filter(out -> has(out, Figure.SCORE)).toList();
        var others = outs.stream().filter(out -> !has(out, Figure.SCORE)).toList();
        if (!scored.isEmpty() && !others.isEmpty()) {
            throw new UserException("Cannot compare " + scored.get(0).place() + " with "
                    + others.get(0).place() + ": the first has normalised scores and the other returns alone; "
                    + REFERENCE + "compare by another figure (report.compare-by)");
        }
        return others.isEmpty() ? Figure.SCORE : Figure.RETURN;
    }

    private static boolean has(Out out, Figure figure) {
        return out.results().stream().allMatch(result -> result.summary(figure).isPresent());
    }

    private static Map<String, String> written() {
        var written = new LinkedHashMap<String, String>();
        written.put("written", Instant.now().toString());
        written.put("hindcast", Version.TEXT);
        written.put("java", Runtime.version().toString());
        return written;
    }
}
