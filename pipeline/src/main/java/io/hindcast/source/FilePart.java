package io.hindcast.source;

import java.io.Serializable;

/**
 * A part of a file that one task reads, which begins and ends with an episode.
 *
 * @param from the first row, or of Minari's files the first episode
 * @param to the row or episode after the last
 * @param rowsBefore how many rows of the file come before
 */
public record FilePart(InputFile file, long from, long to, long rowsBefore) implements Serializable {}
