/**
 * Training runs followed from outside while they go: as lines of JSON, as TensorBoard's event files, and in MLflow. All of it
 * is a courtesy: what cannot be written is counted and said, and training goes on. The record of a run is the tables.
 */
@NullMarked
package io.hindcast.track;

import org.jspecify.annotations.NullMarked;
