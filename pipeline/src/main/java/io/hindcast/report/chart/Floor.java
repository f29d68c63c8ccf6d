package io.hindcast.report.chart;

import io.hindcast.env.FloorPlan;

/** Draws a floor plan into a frame: walls, start, goal, and how near to the goal is there. */
final class Floor {
    private Floor() {}

    /** Start and goal, over what is drawn already. */
    static void drawPlaces(Frame frame, FloorPlan floor) {
        drawGoal(frame, floor.goal());
        place(frame, "start", floor.start());
        place(frame, "goal", floor.goal().centre());
    }

    static void drawWalls(Frame frame, FloorPlan floor) {
        var path = new StringBuilder();
        for (var i = 0; i < floor.walls().size(); i++) {
            for (var j = 0; j < floor.walls().get(i).length(); j++) {
                if (floor.walls().get(i).charAt(j) == '#') {
                    var x = floor.corner().x() + i * floor.cell();
                    var y = floor.corner().y() + j * floor.cell();
                    path.append('M').append(Markup.coordinate(frame.x.at(x))).append(' ');
                    path.append(Markup.coordinate(frame.y.at(y)));
                    path.append('H').append(Markup.coordinate(frame.x.at(x + floor.cell())));
                    path.append('V').append(Markup.coordinate(frame.y.at(y + floor.cell())));
                    path.append('H').append(Markup.coordinate(frame.x.at(x))).append('Z');
                }
            }
        }
        frame.data()
                .open("path", "class", "wall", "d", path)
                .leaf("title", "wall")
                .close();
    }

    /** All places from which some goal is near enough. */
    private static void drawGoal(Frame frame, FloorPlan.Goal goal) {
        var radius = frame.x.at(goal.radius()) - frame.x.at(0);
        var left = frame.x.at(goal.low().x()) - radius;
        var top = frame.y.at(goal.high().y()) - radius;
        frame.clipped()
                .empty(
                        "rect",
                        "class",
                        "goal-region",
                        "x",
                        left,
                        "y",
                        top,
                        "width",
                        frame.x.at(goal.high().x()) + radius - left,
                        "height",
                        frame.y.at(goal.low().y()) + radius - top,
                        "rx",
                        radius)
                .close();
    }

    private static void place(Frame frame, String name, FloorPlan.Point point) {
        var atX = frame.x.at(point.x());
        var atY = frame.y.at(point.y());
        var out = frame.data().open("g", "class", name);
        out.leaf("title", name + " at (" + Numbers.plain(point.x()) + ", " + Numbers.plain(point.y()) + ")");
        out.empty("circle", "cx", atX, "cy", atY, "r", 5);
        // Above the point, unless that is outside.
        var above = atY - 10 > frame.y.to() + 10;
        var outside = atX + Frame.textWidth(name) > frame.x.to();
        out.words("halo", outside ? "end" : "start", outside ? atX + 5 : atX - 5, above ? atY - 10 : atY + 20, name);
        out.close();
    }
}
