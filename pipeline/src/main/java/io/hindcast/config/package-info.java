/**
 * Settings: a configuration is a record whose components carry their default, range and meaning, and that is read from
 * HOCON, checked, explained and written back by {@link io.hindcast.config.Settings}. Everything a user may have got wrong
 * ends as a {@link io.hindcast.config.UserException}: one line that says what, which value, and how to mend it. Beside them is
 * what all packages share: one way to read and write JSON, one SHA-256, one version.
 */
@NullMarked
package io.hindcast.config;

import org.jspecify.annotations.NullMarked;
