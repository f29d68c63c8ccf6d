package io.hindcast.config;

import java.util.Objects;

/** The version of this hindcast. */
public final class Version {
    /** As its jar says it, for example {@code 1.0}; {@code development} of classes that are in no jar. */
    public static final String TEXT =
            Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");

    private Version() {}
}
