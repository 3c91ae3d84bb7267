package dev.anneal.web.limit;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

/** A body that is counted among those that arrive, until it has arrived. */
final class ArrivingBody {
    private static final String ATTRIBUTE = ArrivingBody.class.getName();

    private final BodiesInFlight bodies;
    private final String project;
    private boolean arrived;

    private ArrivingBody(BodiesInFlight bodies, String project) {
        this.bodies = bodies;
        this.project = project;
    }

    static ArrivingBody begin(BodiesInFlight bodies, String project, ServletRequest request) {
        bodies.begin(project);
        ArrivingBody body = new ArrivingBody(bodies, project);
        request.setAttribute(ATTRIBUTE, body);
        return body;
    }

    /** Returns the body of a request, if it is counted. */
    static @Nullable ArrivingBody of(ServletRequest request) {
        return (ArrivingBody) request.getAttribute(ATTRIBUTE);
    }

    /** Ends the count. Does nothing if it has ended. */
    synchronized void end() {
        if (!arrived) {
            arrived = true;
            bodies.end(project);
        }
    }
}
