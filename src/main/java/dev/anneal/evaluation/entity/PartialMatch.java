package dev.anneal.evaluation.entity;

import dev.anneal.evaluation.entity.Entities.Entity;
import java.util.List;

/**
 * The credit of predicted entities that share words with the wanted ones, as the Message Understanding Conferences count it: 1 if
 * an entity has the same words, one half if it has some of them. The types must be the same, and each entity counts once.
 */
public final class PartialMatch {
    private PartialMatch() {}

    /** Returns the credit of the entities of a type in a sentence. Both lists are in the order of the words and do not overlap. */
    public static double credit(String type, List<Entity> expected, List<Entity> predicted) {
        double credit = 0;
        int i = next(type, expected, 0);
        int j = next(type, predicted, 0);
        while (i < expected.size() && j < predicted.size()) {
            Entity wanted = expected.get(i);
            Entity found = predicted.get(j);
            boolean share = wanted.from() < found.to() && found.from() < wanted.to();
            if (share) {
                credit += wanted.equals(found) ? 1 : 0.5;
            }
            // The one that ends first shares no words with what follows.
            if (share || wanted.to() <= found.to()) {
                i = next(type, expected, i + 1);
            }
            if (share || found.to() < wanted.to()) {
                j = next(type, predicted, j + 1);
            }
        }
        return credit;
    }

    private static int next(String type, List<Entity> entities, int from) {
        int i = from;
        while (i < entities.size() && !entities.get(i).type().equals(type)) {
            i++;
        }
        return i;
    }
}
