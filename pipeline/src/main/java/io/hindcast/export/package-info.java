/** Trained policies in formats that other programs read, checked against our own; DL4J's types stay here. */
@NullMarked
package io.hindcast.export;

import org.jspecify.annotations.NullMarked;
