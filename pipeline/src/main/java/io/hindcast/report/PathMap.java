package io.hindcast.report;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.Axis.Scale;
import io.hindcast.report.Frame.Entry;
import io.hindcast.report.Frame.Mark;
import io.hindcast.report.Frame.Range;
import io.hindcast.report.TrainedRun.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;

/**
 * The ways of evaluation episodes over the floor, in one colour those that succeeded and in another those that did not.
 *
 * @param runs whose paths are drawn
 */
public record PathMap(String title, FloorPlan floor, List<TrainedRun> runs) implements Chart {
    private static final double WIDTH = 380;
    private static final double TALLEST = 520;

    /** How an episode ended, the worst first: what is drawn last is on top. */
    private enum Ending {
        MISSED("did not succeed"),
        UNKNOWN("episodes"),
        REACHED("succeeded");

        private final String words;

        Ending(String words) {
            this.words = words;
        }

        static Ending of(Path path) {
            if (path.success() == null) {
                return UNKNOWN;
            }
            return path.success() ? REACHED : MISSED;
        }

        String style() {
            return "walk "
                    + switch (this) {
                        case MISSED -> "missed";
                        case UNKNOWN -> "unknown";
                        case REACHED -> "reached";
                    };
        }
    }

    @Override
    public String svg() {
        var far = floor.oppositeCorner();
        var ratio = (far.y() - floor.corner().y()) / (far.x() - floor.corner().x());
        var counts = new EnumMap<Ending, Integer>(Ending.class);
        runs.forEach(run -> run.paths().forEach(path -> counts.merge(Ending.of(path), 1, Integer::sum)));
        var legend = new ArrayList<Entry>();
        counts.forEach((ending, count) -> legend.add(new Entry(count + " " + ending.words, Mark.LINE, ending.style())));
        var frame = new Frame(
                new Frame.Words(title, "x", "y"),
                WIDTH,
                Math.min(TALLEST, (WIDTH - 58) * ratio + 110),
                new Range(floor.corner().x(), far.x()),
                new Range(floor.corner().y(), far.y()),
                Scale.LINEAR,
                legend);
        Floor.drawWalls(frame, floor);
        for (var ending : counts.keySet()) {
            for (var run : runs) {
                for (var path : run.paths()) {
                    if (Ending.of(path) == ending) {
                        drawPath(frame, run, path);
                    }
                }
            }
        }
        Floor.drawPlaces(frame, floor);
        return frame.svg();
    }

    private static void drawPath(Frame frame, TrainedRun run, Path path) {
        var line = new StringBuilder("M");
        for (var i = 0; i < path.points().size(); i += 2) {
            line.append(Markup.coordinate(frame.x.at(path.points().get(i)))).append(' ');
            line.append(Markup.coordinate(frame.y.at(path.points().get(i + 1)))).append(' ');
        }
        var ending = Ending.of(path);
        var words = ending == Ending.UNKNOWN ? "" : ": " + ending.words;
        frame.data()
                .open("path", "class", ending.style(), "d", line)
                .leaf("title", "seed " + run.seed() + ", episode " + path.episode() + words)
                .close();
        var end = path.points().size() - 2;
        frame.data()
                .empty(
                        "circle",
                        "class",
                        ending.style() + " end",
                        "cx",
                        frame.x.at(path.points().get(end)),
                        "cy",
                        frame.y.at(path.points().get(end + 1)),
                        "r",
                        2.5);
    }
}
