package io.hindcast.report;

import io.hindcast.report.ReportData.Baseline;
import io.hindcast.report.ReportData.Dataset;
import io.hindcast.report.ReportData.Judged;
import io.hindcast.report.ReportData.Provenance;
import java.util.List;
import java.util.Map;

/** Reports that know little. */
final class Reports {
    static final Dataset NO_DATA = new Dataset(List.of(), Map.of(), null, null, null, List.of());
    static final Provenance NOWHERE = new Provenance(List.of(), Map.of());
    static final Links NO_LINKS = new Links(List.of(), Map.of());

    private Reports() {}

    /** Of results, which are compared with each other alone. */
    static ReportData of(List<Result> results) {
        return of(results, Map.of());
    }

    static ReportData of(List<Result> results, Map<String, Published> published, Baseline... baselines) {
        return new ReportData(
                "t", null, null, results, published, List.of(baselines), null, NO_DATA, NOWHERE, NO_LINKS);
    }

    /** Of what the log alone told. */
    static ReportData of(Judged judged) {
        return new ReportData("t", null, null, List.of(), Map.of(), List.of(), judged, NO_DATA, NOWHERE, NO_LINKS);
    }

    /** Of results that lead somewhere. */
    static ReportData of(List<Result> results, Links links) {
        return new ReportData("t", null, null, results, Map.of(), List.of(), null, NO_DATA, NOWHERE, links);
    }

    /** {@code report} with other results, which nothing was published of. */
    static ReportData with(ReportData report, List<Result> results, List<Baseline> baselines) {
        return new ReportData(
                report.title(),
                report.environment(),
                report.floor(),
                results,
                Map.of(),
                baselines,
                report.judged(),
                report.dataset(),
                report.provenance(),
                report.links());
    }
}
