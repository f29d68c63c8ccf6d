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
import io.hindcast.report.Comparison.Task;
import io.hindcast.report.Figure;
import io.hindcast.report.ReportData.Source;
import io.hindcast.report.Result;
import io.hindcast.stage.ReportFolder;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.table.Request;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

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

    /** A directory to compare, with what is read there. */
    private record Output(Address place, Warehouse warehouse, String task, Map<TableName, TableVersion> tables) {
        Optional<String> page(Hrefs hrefs) {
            return hrefs.to(warehouse.root() + "/report/report.html");
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
        var tasks = outputs.stream().map(output -> task(output, hrefs)).toList();
        var comparison = Comparison.of(Secrets.hideByForm(config.title()), figure(tasks), tasks, written());
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
        var byTask = new LinkedHashMap<String, Output>();
        for (var output : outputs) {
            var other = byTask.put(output.task(), output);
            if (other != null) {
                throw new UserException("Cannot compare " + other.place() + " with " + output.place()
                        + ": both are of one task, " + output.task()
                        + "; leave one out, or give their datasets different names (ingest.dataset)");
            }
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
        var task = snapshot.find(TableName.TRANSITIONS)
                .map(transitions -> transitions.manifest().configuration().get("dataset"))
                .map(dataset -> dataset + " in " + environment)
                .orElse(environment);
        return new Output(place, warehouse, task, tables);
    }

    private static Task task(Output output, Hrefs hrefs) {
        var results = Result.of(new RunReader(output.warehouse(), output.tables()).runs()).stream()
                .filter(result -> result.bests().count() > 0)
                .toList();
        return new Task(
                output.task(),
                output.place().toString(),
                output.page(hrefs).orElse(null),
                results,
                output.tables().values().stream().map(Comparing::source).toList());
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
    private Figure figure(List<Task> tasks) {
        var asked = config.compareBy();
        if (asked != null) {
            for (var task : tasks) {
                if (!has(task, asked)) {
                    throw new UserException("Cannot compare " + task.place() + " by " + asked.key()
                            + ": its evaluations have none; " + (asked == Figure.SCORE ? REFERENCE : "")
                            + "compare by return (report.compare-by)");
                }
            }
            return asked;
        }
        var scored = tasks.stream().filter(task -> has(task, Figure.SCORE)).toList();
        var others = tasks.stream().filter(task -> !has(task, Figure.SCORE)).toList();
        if (!scored.isEmpty() && !others.isEmpty()) {
            throw new UserException("Cannot compare " + scored.get(0).place() + " with "
                    + others.get(0).place() + ": the first has normalised scores and the other returns alone; "
                    + REFERENCE + "compare by another figure (report.compare-by)");
        }
        return others.isEmpty() ? Figure.SCORE : Figure.RETURN;
    }

    private static boolean has(Task task, Figure figure) {
        return !task.results().isEmpty()
                && task.results().stream()
                        .allMatch(result -> result.summary(figure).isPresent());
    }

    private static Map<String, String> written() {
        var written = new LinkedHashMap<String, String>();
        written.put("written", Instant.now().toString());
        written.put("hindcast", Version.TEXT);
        written.put("java", Runtime.version().toString());
        return written;
    }
}
