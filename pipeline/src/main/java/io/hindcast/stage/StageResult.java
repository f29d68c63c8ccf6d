package io.hindcast.stage;

import io.hindcast.table.TableVersion;
import java.util.List;

/**
 * How a stage ended.
 *
 * @param upToDate its output was there already and nothing was done
 * @param summary one line for people
 * @param problems what ran but did not go well, a line each: the job then exits with code 3; empty if all is well
 */
public record StageResult(boolean upToDate, String summary, List<String> problems) {
    public static StageResult upToDate(TableVersion version) {
        return new StageResult(
                true, version + " is there already, from the same input and configuration: nothing to do", List.of());
    }
}
