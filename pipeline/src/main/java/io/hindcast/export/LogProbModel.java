package io.hindcast.export;

import io.hindcast.data.ActionSpace;
import io.hindcast.export.ExportedPolicy.Port;
import io.hindcast.kernel.Gaussian;
import io.hindcast.net.Blueprint;
import io.hindcast.net.Blueprint.Drawn;
import io.hindcast.net.Blueprint.Output;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import onnx.Onnx.TensorProto;

/**
 * A second ONNX model beside a policy's own: the logarithm of how likely it is to draw a given action, as
 * {@code Actor.chances} has it for off-policy evaluation. It is a model of its own, since an output of the policy's would want the
 * action as an input whenever that acts: an input with a value of its own is an initialiser in ONNX, and ONNX Runtime's Java and others
 * cannot replace one.
 *
 * <p>Behind the network it computes in double precision: from a float z² of a far action little would be left.
 */
final class LogProbModel {
    /**
     * Of {@code log P(z > x) + x²/2 - log t} with {@code t = 1 / (1 + x/3)}, as a polynomial in {@code s = 2t - 1}, lowest power first:
     * interpolated at 200 Chebyshev nodes and cut, which leaves an error of 1e-12 for any x from 0 on.
     */
    private static final double[] TAIL = {
        -1.414579040950758,
        0.6985919295687004,
        0.07147343262379842,
        -0.04192790527758094,
        -0.014978967794258724,
        0.006896207608413106,
        0.003359613746224719,
        -0.0017795603283553645,
        -0.0007468943699578289,
        0.0005584608423488594,
        0.00013489337478297508,
        -0.00017830670296538765,
        -7.609141497068168e-06,
        5.0547833657422475e-05,
        -7.071472937957911e-06,
        -1.0797391026200018e-05,
        3.147180934881931e-06,
        1.2445039629564508e-06,
        -5.044130102051946e-07
    };

    private static final double SCALE = 3;

    private final OnnxWriter graph;
    private final Output.UnitAction output;
    private final ActionSpace.Continuous space;
    private final boolean isSquashed;

    private LogProbModel(OnnxWriter graph, Blueprint blueprint) {
        this.graph = graph;
        output = (Output.UnitAction) blueprint.output();
        space = output.space();
        isSquashed = output.drawn().orElseThrow() instanceof Drawn.Squashed;
    }

    /** The bytes, for a policy that draws vectors. */
    static byte[] of(Blueprint blueprint, List<Port> inputs, List<Port> outputs, Map<String, String> properties) {
        var graph = new OnnxWriter("log_prob", inputs, outputs);
        OnnxModel.addDrawn(graph, blueprint);
        new LogProbModel(graph, blueprint).add();
        return graph.bytes(properties);
    }

    private void add() {
        var mean = cast(ExportedPolicy.MEAN, "mean.double", TensorProto.DataType.DOUBLE_VALUE);
        var logStd = cast(ExportedPolicy.LOG_STD, "log_std.double", TensorProto.DataType.DOUBLE_VALUE);
        var std = graph.applyTo(logStd, "Exp", "std");
        var upper = output.upperEnds();
        var lower = output.lowerEnds();
        var action = unit();
        var atUpper = graph.applyTo(action, "GreaterOrEqual", "is_upper", each("upper", j -> upper[j]));
        var atLower = graph.applyTo(action, "LessOrEqual", "is_lower", each("lower", j -> lower[j]));
        graph.applyTo(action, "Min", "action.below_upper", "upper");
        graph.apply("Max", "action.inside", "lower");
        var density = density("action.inside", mean, std, logStd);

        var above = graph.applyTo(each("upper.drawn", j -> drawn(upper[j])), "Sub", "upper.above", mean);
        var below = graph.applyTo(mean, "Sub", "lower.below", each("lower.drawn", j -> drawn(lower[j])));
        graph.applyTo(atUpper, "Where", "bound.distance", above, below);
        graph.apply("Div", "bound.x", std);
        var tail = logUpperTail("bound.x");

        graph.applyTo(atUpper, "Or", "is_bound", atLower);
        graph.apply("Where", "entries", tail, density);
        // The sum of a row. ONNX Runtime's ReduceSum gives another shape where there are no rows.
        graph.apply("MatMul", "row.sum", graph.ones("ones", space.dimension()));
        graph.apply("Squeeze", ExportedPolicy.LOG_PROB, graph.wholes("row", List.of(1L), 1));
    }

    /** The action within [-1, 1], rounded to float as policies see it. */
    private String unit() {
        cast(ExportedPolicy.ACTION, "action.double", TensorProto.DataType.DOUBLE_VALUE);
        if (space.isUnit()) {
            return graph.value();
        }
        graph.apply("Sub", "action.from_low", each("action.low", space::low));
        graph.apply("Mul", "action.doubled", graph.doubles("two", 2));
        graph.apply("Div", "action.share", each("action.range", j -> space.high(j) - space.low(j)));
        graph.apply("Sub", "action.unit", graph.doubles("one", 1));
        cast(graph.value(), "action.rounded", TensorProto.DataType.FLOAT_VALUE);
        // Beyond that it is at a bound; and ONNX Runtime leaves out a cast to float and back that has nothing in
        // between.
        graph.apply("Clip", "action.clipped", graph.number("unit.low", -1), graph.number("unit.high", 1));
        return cast(graph.value(), "action.seen", TensorProto.DataType.DOUBLE_VALUE);
    }

    /** In the units of the log, of an entry that is within its bounds. */
    private String density(String action, String mean, String std, String logStd) {
        var drawn = action;
        var slope = "";
        if (isSquashed) {
            var more = log("tanh.more", graph.applyTo(action, "Add", "tanh.one_more", graph.doubles("tanh.one", 1)));
            var less = log("tanh.less", graph.applyTo("tanh.one", "Sub", "tanh.one_less", action));
            slope = graph.applyTo(more, "Add", "tanh.log_slope", less);
            graph.applyTo(more, "Sub", "tanh.double_drawn", less);
            graph.apply("Mul", "tanh.drawn", graph.doubles("tanh.half", 0.5));
            drawn = graph.value();
        }
        graph.applyTo(drawn, "Sub", "density.distance", mean);
        graph.apply("Div", "density.z", std);
        graph.apply("Mul", "density.z_squared", "density.z");
        graph.apply("Mul", "density.exponent", graph.doubles("minus_half", -0.5));
        graph.apply("Sub", "density.of_std", logStd);
        graph.apply(
                "Sub",
                "density.of_range",
                each("density.constant", j -> Gaussian.HALF_LOG_TWO_PI + Math.log(space.halfRange(j))));
        if (isSquashed) {
            graph.apply("Sub", "density.of_tanh", slope);
        }
        return graph.value();
    }

    /** {@code log P(z > x)} of a standard normal z. */
    private String logUpperTail(String x) {
        var size = graph.applyTo(x, "Abs", "tail.size");
        graph.apply("Div", "tail.scaled", graph.doubles("tail.scale", SCALE));
        var stretched = graph.value();
        graph.applyTo(stretched, "Add", "tail.raised", graph.doubles("tail.one", 1));
        var t = graph.applyTo("tail.one", "Div", "tail.t", "tail.raised");
        graph.applyTo(t, "Mul", "tail.doubled", graph.doubles("tail.two", 2));
        var s = "tail.s";
        graph.apply("Sub", s, "tail.one");
        graph.applyTo(s, "Mul", "tail.power.0", graph.doubles("tail.first", TAIL[TAIL.length - 1]));
        for (var k = TAIL.length - 2; k >= 0; k--) {
            graph.apply("Add", "tail.sum." + k, graph.doubles("tail.factor." + k, TAIL[k]));
            if (k > 0) {
                graph.apply("Mul", "tail.power." + (TAIL.length - 1 - k), s);
            }
        }
        graph.applyTo(log("tail.log_t", t), "Add", "tail.with_t", "tail.sum.0");
        graph.applyTo(size, "Mul", "tail.square", size);
        graph.apply("Mul", "tail.half_square", graph.doubles("tail.half", 0.5));
        var far = graph.applyTo("tail.with_t", "Sub", "tail.above", graph.value());
        graph.applyTo(far, "Exp", "tail.share");
        var near = log("tail.below", graph.applyTo("tail.one", "Sub", "tail.rest", "tail.share"));
        graph.applyTo(x, "Less", "tail.is_below", graph.doubles("tail.none", 0));
        graph.apply("Where", "tail.log", near, far);
        return graph.value();
    }

    private String log(String output, String of) {
        return graph.applyTo(of, "Log", output);
    }

    private double drawn(double unit) {
        return isSquashed ? 0.5 * (Math.log1p(unit) - Math.log1p(-unit)) : unit;
    }

    private String cast(String from, String output, int type) {
        graph.goOn(from);
        graph.apply("Cast", output).addAttribute(OnnxWriter.whole("to", type));
        return output;
    }

    private String each(String name, IntToDoubleFunction entry) {
        return graph.doubles(
                name, IntStream.range(0, space.dimension()).mapToDouble(entry).toArray());
    }
}
