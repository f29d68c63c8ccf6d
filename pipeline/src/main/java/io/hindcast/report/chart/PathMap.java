package io.hindcast.report.chart;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ways of evaluation episodes over the floor, in one colour those that succeeded and in another those that did not.
 *
 * @param walks the episodes
 */
public record PathMap(String title, FloorPlan floor, List<Walk> walks) implements Chart {
    private static final double WIDTH = 380;
    private static final double TALLEST = 520;

    /**
     * The way of one episode.
     *
     * @param seed of the run whose policy walks
     * @param success whether it reached what it was to reach; null where the environment knows no such thing
     * @param points x and y in turn, from start to end
     */
    public record Walk(long seed, int episode, @Nullable Boolean success, List<Float> points) {}

    /** How an episode ended, the worst first: what is drawn last is on top. */
    private enum Ending {
        MISSED("did not succeed"),
        UNKNOWN("episodes"),
        REACHED("succeeded");

        private final String words;

        Ending(String words) {
            this.words = words;
        }

        static Ending of(Walk walk) {
            if (walk.success() == null) {
                return UNKNOWN;
            }
            return walk.success() ? REACHED : MISSED;
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
        walks.forEach(walk -> counts.merge(Ending.of(walk), 1, Integer::sum));
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
            for (var walk : walks) {
                if (Ending.of(walk) == ending) {
                    draw(frame, walk);
                }
            }
        }
        Floor.drawPlaces(frame, floor);
        return frame.svg();
    }

    private static void draw(Frame frame, Walk walk) {
        var line = new StringBuilder("M");
        for (var i = 0; i < walk.points().size(); i += 2) {
            line.append(Markup.coordinate(frame.x.at(walk.points().get(i)))).append(' ');
            line.append(Markup.coordinate(frame.y.at(walk.points().get(i + 1)))).append(' ');
        }
        var ending = Ending.of(walk);
        var words = ending == Ending.UNKNOWN ? "" : ": " + ending.words;
        frame.data()
                .open("path", "class", ending.style(), "d", line)
                .leaf("title", "seed " + walk.seed() + ", episode " + walk.episode() + words)
                .close();
        var end = walk.points().size() - 2;
        frame.data()
                .empty(
                        "circle",
                        "class",
                        ending.style() + " end",
                        "cx",
                        frame.x.at(walk.points().get(end)),
                        "cy",
                        frame.y.at(walk.points().get(end + 1)),
                        "r",
                        2.5);
    }
}
