package io.hindcast.report.chart;

import io.hindcast.env.FloorPlan;
import io.hindcast.report.chart.Axis.Scale;
import io.hindcast.report.chart.Frame.Entry;
import io.hindcast.report.chart.Frame.Mark;
import io.hindcast.report.chart.Frame.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ways of evaluation episodes over the floor, in one colour those that succeeded and in another, above them, those that did not;
 * a way is faint at its start and grows stronger. Of many episodes some are drawn, since all are a scribble.
 *
 * @param walks the episodes
 */
public record PathMap(String title, FloorPlan floor, List<Walk> walks) implements Chart {
    private static final double WIDTH = 380;
    private static final double TALLEST = 520;

    /** As many ways can be followed. */
    public static final int MOST = 10;

    /** Into so many pieces a way is cut, each stronger than the one before. */
    private static final int PIECES = 4;

    /**
     * The way of one episode.
     *
     * @param seed of the run whose policy walks
     * @param success whether it reached what it was to reach; null where the environment knows no such thing
     * @param points x and y in turn, from start to end
     */
    public record Walk(long seed, int episode, @Nullable Boolean success, List<Float> points) {}

    /** How an episode ended, the best first: what is drawn last is on top. */
    private enum Ending {
        REACHED("succeeded"),
        UNKNOWN("episodes"),
        MISSED("did not succeed");

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
            for (var walk : drawn()) {
                if (Ending.of(walk) == ending) {
                    draw(frame, walk);
                }
            }
        }
        Floor.drawPlaces(frame, floor);
        return frame.svg();
    }

    /** The first episode of each seed, then the second one of each. */
    private List<Walk> drawn() {
        return walks.stream()
                .sorted(Comparator.comparingInt(Walk::episode).thenComparingLong(Walk::seed))
                .limit(MOST)
                .toList();
    }

    private static void draw(Frame frame, Walk walk) {
        var ending = Ending.of(walk);
        var words = ending == Ending.UNKNOWN ? "" : ": " + ending.words;
        var out = frame.data().open("g", "class", ending.style());
        out.leaf("title", "seed " + walk.seed() + ", episode " + walk.episode() + words);
        var last = walk.points().size() / 2 - 1;
        for (var piece = 0; piece < PIECES; piece++) {
            var from = last * piece / PIECES;
            var to = last * (piece + 1) / PIECES;
            if (from < to) {
                out.empty("path", "class", "t" + piece, "d", line(frame, walk.points(), from, to));
            }
        }
        var end = 2 * last;
        out.empty(
                "circle",
                "class",
                "end",
                "cx",
                frame.x.at(walk.points().get(end)),
                "cy",
                frame.y.at(walk.points().get(end + 1)),
                "r",
                3.5);
        out.close();
    }

    private static String line(Frame frame, List<Float> points, int from, int to) {
        var line = new StringBuilder("M");
        for (var i = 2 * from; i <= 2 * to; i += 2) {
            line.append(Markup.coordinate(frame.x.at(points.get(i)))).append(' ');
            line.append(Markup.coordinate(frame.y.at(points.get(i + 1)))).append(' ');
        }
        return line.toString();
    }
}
