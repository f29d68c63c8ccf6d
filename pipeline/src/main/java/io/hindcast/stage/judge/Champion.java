package io.hindcast.stage.judge;

import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.table.Registry;

/**
 * What acts, by a registry.
 *
 * @param run the directory of its run there
 */
record Champion(String run, PolicyVersion version) {
    /** What it is called among the policies that are judged. */
    static final String NAME = Promotion.CHAMPION;

    static Champion of(Registry registry, PolicyVersion version) {
        return new Champion(registry.run(version), version);
    }
}
