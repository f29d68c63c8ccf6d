package io.hindcast.stage;

import io.hindcast.files.FailingFileSystem;
import io.hindcast.files.StorePublishingContract;
import io.hindcast.table.Request;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

final class PublishedReportTest extends StorePublishingContract {
    @Override
    protected void publish(String root, int number) {
        folder(root).publish(request(number), Map.of("report.html", "<p>" + number + "</p>\n", "results.json", "{}\n"));
    }

    @Override
    protected OptionalInt published(String root) {
        return IntStream.of(1, 2)
                .filter(number -> folder(root).holds(request(number)))
                .findFirst();
    }

    @Override
    protected String writtenIn() {
        return "";
    }

    /** A page is replaced in two steps. */
    @Override
    protected boolean mayBeAbsent() {
        return true;
    }

    private static Request request(int number) {
        return new Request("report", Map.of("title", "x" + number), List.of(), List.of());
    }

    private static ReportFolder folder(String root) {
        return new ReportFolder(root, "report", "report.html", FailingFileSystem.configuration());
    }
}
