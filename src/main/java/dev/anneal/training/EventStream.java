package dev.anneal.training;

import dev.anneal.json.Json;
import java.io.PrintStream;

/** Writes the events of a trainer, one JSON line each. */
record EventStream(PrintStream out) {
    void emit(String type, Object data) {
        out.println(Json.write(new TrainerEvent(type, data)));
        out.flush();
    }

    void log(String level, String message) {
        emit(TrainerEvent.LOG, new TrainerEvent.Log(level, message));
    }
}
