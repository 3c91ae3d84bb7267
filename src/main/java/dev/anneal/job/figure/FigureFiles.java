package dev.anneal.job.figure;

import dev.anneal.event.Event;
import dev.anneal.job.queue.JobEvents;
import dev.anneal.text.Csv;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Writes the figures of a job as files, a page of events at a time. */
@Component
class FigureFiles {
    private static final int PAGE = 1000;

    private final JobEvents events;

    FigureFiles(JobEvents events) {
        this.events = events;
    }

    private interface EventWriter {
        void write(Event event, int attempt) throws IOException;
    }

    /** Writes a line for each figure. */
    void csv(String jobId, OutputStream out) throws IOException {
        Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
        writer.write("time,attempt,type,epoch,step,name,value\r\n");
        forEach(jobId, (event, attempt) -> {
            JsonNode data = event.data();
            for (Map.Entry<String, Double> figure : JobFigures.of(event).entrySet()) {
                writer.write(String.join(
                                ",",
                                event.createdAt().toString(),
                                String.valueOf(attempt),
                                event.type(),
                                data.path("epoch").asString(""),
                                data.path("step").asString(""),
                                Csv.text(figure.getKey()),
                                figure.getValue().toString())
                        + "\r\n");
            }
        });
        writer.flush();
    }

    /** Writes an event file of TensorBoard. */
    void tensorBoard(String jobId, Instant begin, OutputStream out) throws IOException {
        OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
        EventFile file = new EventFile(buffered);
        file.begin(begin);
        forEach(
                jobId,
                (event, attempt) -> file.scalars(
                        event.createdAt(), event.data().path("step").asLong(), JobFigures.of(event)));
        buffered.flush();
    }

    /** Calls a writer for each step and each validation, in the order of the events. */
    private void forEach(String jobId, EventWriter writer) throws IOException {
        int attempt = 0;
        long last = 0;
        for (List<Event> page = events.after(jobId, last, PAGE);
                !page.isEmpty();
                page = events.after(jobId, last, PAGE)) {
            for (Event event : page) {
                if (event.type().equals("status")) {
                    attempt = event.data().path("attempt").asInt(attempt);
                } else if (JobFigures.has(event)) {
                    writer.write(event, attempt);
                }
            }
            last = page.get(page.size() - 1).id();
        }
    }
}
