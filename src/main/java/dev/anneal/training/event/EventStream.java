package dev.anneal.training.event;

import dev.anneal.json.Json;
import java.io.PrintStream;

/** Writes the events of a trainer, one JSON line each. */
public record EventStream(PrintStream out) {
    public void emit(String type, Object data) {
        out.println(Json.write(new TrainerEvent(type, data)));
        out.flush();
    }

    public void log(String level, String message) {
        emit(TrainerEvent.LOG, new TrainerEvent.Log(level, message));
    }
}
