package io.hindcast.report.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StyleTest {
    /** How linear red, green and blue are seen: by most, without the red and without the green cone (Machado and others 2009). */
    private static final List<double[][]> EYES = List.of(
            new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
            new double[][] {
                {0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}
            },
            new double[][] {
                {0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}
            });

    private static final double[][] XYZ = {
        {0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
        {0.2126, 0.7152, 0.0722},
        {0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089}
    };

    @Test
    void theColoursOfLinesAreToldApartAlsoWithoutRedOrGreenCones() {
        var colors = Pattern.compile("--c\\d: #(\\w{6});")
                .matcher(Style.colors())
                .results()
                .map(color -> color.group(1))
                .toList();
        assertThat(colors).hasSize(2 * Style.COLORS);
        for (var ground : List.of(colors.subList(0, Style.COLORS), colors.subList(Style.COLORS, 2 * Style.COLORS))) {
            for (var eyes : EYES) {
                for (var a = 1; a < Style.COLORS; a++) {
                    for (var b = 0; b < a; b++) {
                        assertThat(distance(lab(ground.get(a), eyes), lab(ground.get(b), eyes)))
                                .as("c%d and c%d of %s", a, b, ground)
                                .isGreaterThan(15);
                    }
                }
            }
        }
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(IntStream.range(0, 3)
                .mapToDouble(i -> (a[i] - b[i]) * (a[i] - b[i]))
                .sum());
    }

    /** In CIE 1976 L*a*b*, where 2 is about the least difference that is seen. */
    private static double[] lab(String color, double[][] eyes) {
        var linear = IntStream.of(0, 2, 4)
                .mapToDouble(i -> Integer.parseInt(color.substring(i, i + 2), 16) / 255.0)
                .map(value -> value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4))
                .toArray();
        var seen = times(eyes, linear);
        for (var i = 0; i < 3; i++) {
            seen[i] = Math.max(0, Math.min(1, seen[i]));
        }
        var f = times(XYZ, seen);
        for (var i = 0; i < 3; i++) {
            f[i] = f[i] > 0.008856 ? Math.cbrt(f[i]) : 7.787 * f[i] + 16 / 116.0;
        }
        return new double[] {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
    }

    private static double[] times(double[][] matrix, double[] vector) {
        var product = new double[3];
        for (var i = 0; i < 3; i++) {
            for (var j = 0; j < 3; j++) {
                product[i] += matrix[i][j] * vector[j];
            }
        }
        return product;
    }
}
