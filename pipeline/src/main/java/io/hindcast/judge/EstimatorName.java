package io.hindcast.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/** The estimators by their names in conf files and tables. */
public enum EstimatorName {
    IS,
    WIS,
    PDIS,
    WPDIS,
    DM,
    DR,
    WDR,
    MAGIC,
    MARGINAL_RATIO,
    CLIPPED_IPS,
    SUB_GAUSSIAN,
    SWITCH_DR,
    DR_OS,
    SUB_GAUSSIAN_DR;

    /**
     * The estimator itself; with a parameter, one a value of it, among which {@link Slope} chooses.
     *
     * @param features of {@link #MARGINAL_RATIO}; null if there are none, and it is not asked for
     */
    public List<Estimator> candidates(Tail tail, @Nullable RatioFeatures features) {
        return switch (this) {
            case IS -> List.of(new Is());
            case WIS -> List.of(new Wis());
            case PDIS -> List.of(new Pdis(tail));
            case WPDIS -> List.of(new Wpdis(tail));
            case DM -> List.of(new Dm());
            case DR -> List.of(new Dr());
            case WDR -> List.of(new Wdr());
            case MAGIC -> List.of(new Magic());
            case MARGINAL_RATIO -> List.of(Objects.requireNonNull(features).estimator());
            case CLIPPED_IPS -> each(ClippedIps::new, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000);
            case SUB_GAUSSIAN -> each(SubGaussian::new, 0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1);
            case SWITCH_DR -> each(SwitchDr::new, 0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000);
            case DR_OS -> each(ShrunkDr::new, 1, 10, 100, 1e3, 1e4, 1e5, 1e6);
            case SUB_GAUSSIAN_DR -> each(SubGaussianDr::new, 0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1);
        };
    }

    private static List<Estimator> each(DoubleFunction<Estimator> estimator, double... parameters) {
        return Arrays.stream(parameters).mapToObj(estimator).toList();
    }

    /** In the words of a conf file: {@code dr-os}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Those that fit a log, simplest first.
     *
     * @param isOneStep whether every episode has one step
     * @param hasModel whether a model tells of the values of a policy
     */
    public static List<EstimatorName> fitting(boolean isOneStep, boolean hasModel) {
        var fitting = new ArrayList<>(List.of(IS, WIS));
        if (!isOneStep) {
            fitting.addAll(List.of(PDIS, WPDIS));
        }
        if (hasModel) {
            fitting.addAll(isOneStep ? List.of(DM, DR) : List.of(DM, DR, WDR));
        }
        return fitting;
    }
}
