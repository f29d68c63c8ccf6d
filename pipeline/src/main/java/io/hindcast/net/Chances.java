package io.hindcast.net;

/**
 * How likely actions are, row by row. The measure is the one of off-policy evaluation: of a discrete action it is the probability;
 * of a vector the density in the units of the log, but an entry that has a probability by itself (a bound where everything beyond
 * it ends, or an end of noise that is cut) counts by that. Two chances of one action can be compared where as many entries count
 * by probability in both: a density and a probability have no ratio.
 *
 * @param logs natural logarithms, {@code [rows]}; -infinity where the action is never chosen
 * @param points how many entries of each action count by their probability, {@code [rows]}; 0 of discrete ones
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Chances(double[] logs, int[] points) {}
