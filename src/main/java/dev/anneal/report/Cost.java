package dev.anneal.report;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;
import dev.anneal.report.html.Numbers;
import dev.anneal.report.html.Table;
import dev.anneal.report.section.Section;
import dev.anneal.report.section.Subject;
import dev.anneal.text.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The time and the memory that the work took. */
record Cost(Subject subject) implements Section {
    @Override
    public String id() {
        return "cost";
    }

    @Override
    public String title() {
        return "Cost";
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public void write(Html html) {
        Subject.Run run = subject.run();
        Table table = new Table(html, "Time and memory", "cost", ">amount");
        between(table, "In the queue", run.created(), run.started());
        between(table, "Computing", run.started(), run.finished());
        // The last validation of an epoch has the time of the ones before it, too.
        double epochs = subject.epochs().stream()
                .collect(Collectors.toMap(
                        epoch -> epoch.path("epoch").asInt(),
                        epoch -> epoch.path("seconds").asDouble(0),
                        Math::max))
                .values()
                .stream()
                .mapToDouble(seconds -> seconds)
                .sum();
        if (epochs > 0) {
            table.row(Cell.of("Of that, the epochs"), Cell.of(Durations.seconds(epochs)));
        }
        OptionalDouble speed = subject.epochs().stream()
                .filter(epoch -> epoch.path("examples_per_second").isNumber())
                .mapToDouble(epoch -> epoch.path("examples_per_second").asDouble())
                .average();
        if (speed.isPresent()) {
            table.row(Cell.of("Training examples per second"), Cell.of(Numbers.decimal(speed.getAsDouble())));
        }
        Long memory = run.memoryBytes();
        if (memory != null) {
            table.row(Cell.of("Estimated memory of the tensors"), Cell.of(Numbers.bytes(memory)));
        }
        table.row(Cell.of("Attempts"), Cell.of(Numbers.count(run.attempts())));
        String worker = run.worker();
        if (worker != null) {
            table.row(Cell.of("Worker"), Cell.name(worker));
        }
        table.end();
    }

    private static void between(Table table, String name, @Nullable Instant from, @Nullable Instant to) {
        if (from != null && to != null) {
            table.row(
                    Cell.of(name),
                    Cell.of(Durations.seconds(Duration.between(from, to).toMillis() / 1000.0)));
        }
    }
}
