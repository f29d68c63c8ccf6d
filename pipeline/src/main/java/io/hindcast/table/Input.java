package io.hindcast.table;

import java.io.Serializable;

/**
 * A foreign file that a table was made from.
 *
 * @param name its name without the directory, so that moving it changes nothing
 * @param bytes its length
 * @param sha256 its SHA-256 in hex
 */
public record Input(String name, long bytes, String sha256) implements Serializable {}
