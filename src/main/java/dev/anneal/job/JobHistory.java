package dev.anneal.job;

import dev.anneal.event.Event;
import java.util.List;

/**
 * The course of a job in a bounded number of points, on the wire.
 *
 * @param lastEvent the number of the last event that is in it; a stream of the events after this one continues it
 * @param stepCount the number of steps that were reported, from which the points are chosen; approximate if only a sample is read
 * @param log the last lines of the log and changes of the status, in their order
 */
record JobHistory(long lastEvent, long stepCount, List<Point> steps, List<Event> log) {
    /** A step, and the loss, learning rate and speed that it reported. */
    record Point(int step, int epoch, double trainLoss, double learningRate, double examplesPerSecond) {}
}
