package io.hindcast.judge;

/**
 * A clone of what logged that estimates lean on.
 *
 * @param run the id of the run that learned it
 * @param learnedFrom the subset that it learned from
 * @param steps of how many logged actions it told, in other episodes
 * @param logLikelihood the mean natural logarithm of how likely (or dense) it held them
 */
public record FittedClone(String run, String learnedFrom, long steps, double logLikelihood) {}
