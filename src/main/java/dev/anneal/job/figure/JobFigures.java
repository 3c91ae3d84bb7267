package dev.anneal.job.figure;

import dev.anneal.event.Event;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The figures of an event of type step, validation or epoch, for programs that draw curves. */
public final class JobFigures {
    /** Fields that are numbers but no figures: they say where in the run the others are. */
    private static final Set<String> PLACES = Set.of("step", "steps", "epoch", "epochs", "percent", "eta_seconds");

    /** Validations within epochs are points of the same curves as those after them. */
    private static final Set<String> VALIDATIONS = Set.of("epoch", "validation");

    private JobFigures() {}

    /** Returns whether an event has figures. */
    public static boolean has(Event event) {
        return event.type().equals("step") || VALIDATIONS.contains(event.type());
    }

    /**
     * Returns the values by name. The name of a figure of a validation begins with {@code epoch/}, and that of one of another model that the
     * job trains, such as for a fold, with the name of its phase.
     */
    public static Map<String, Double> of(Event event) {
        String phase = event.data().path("phase").asString("");
        String prefix = (phase.isEmpty() ? "" : phase + "/") + (VALIDATIONS.contains(event.type()) ? "epoch/" : "");
        Map<String, Double> figures = new LinkedHashMap<>();
        event.data().forEachEntry((name, value) -> {
            if (value.isNumber() && !PLACES.contains(name) && Double.isFinite(value.asDouble())) {
                figures.put(prefix + name, value.asDouble());
            }
        });
        return figures;
    }
}
