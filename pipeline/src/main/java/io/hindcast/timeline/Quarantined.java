package io.hindcast.timeline;

import java.io.Serializable;

/**
 * A row that is left out of the dataset.
 *
 * @param detail the reason in a sentence
 */
public record Quarantined(LoggedRow row, Reason reason, String detail) implements Serializable {}
