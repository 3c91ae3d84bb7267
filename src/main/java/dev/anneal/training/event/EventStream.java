package dev.anneal.training.event;

import dev.anneal.json.Json;
import java.io.PrintStream;

/** Writes the events of a trainer, one JSON line each. */
public class EventStream {
    private final PrintStream out;

    public EventStream(PrintStream out) {
        this.out = out;
    }

    public void emit(String type, Object data) {
        out.println(Json.write(new TrainerEvent(type, data)));
        out.flush();
    }

    public final void log(String level, String message) {
        emit(TrainerEvent.LOG, new TrainerEvent.Log(level, message));
    }
}
