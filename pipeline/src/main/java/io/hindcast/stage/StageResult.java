package io.hindcast.stage;

import io.hindcast.table.TableVersion;
import java.util.List;

/**
 * How a stage ended.
 *
 * @param upToDate its output was there already and nothing was done
 * @param summary one line for people
 * @param problems what the user should know, a line each; empty if all is well
 */
public record StageResult(boolean upToDate, String summary, List<String> problems) {
    static StageResult upToDate(TableVersion version) {
        return new StageResult(
                true, version + " is there already, from the same input and configuration: nothing to do", List.of());
    }
}
