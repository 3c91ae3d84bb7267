package dev.anneal.job.plan;

import dev.anneal.transformer.architecture.Task;
import java.util.List;
import java.util.stream.Stream;

/** The tasks as the API names them: several labels per text are an option of text-classification. */
public final class Tasks {
    static final List<String> NAMES = Stream.of(Task.values())
            .filter(task -> task != Task.MULTI_LABEL)
            .map(Task::text)
            .toList();

    private Tasks() {}

    public static Task of(String name, boolean multiLabel) {
        return multiLabel
                ? Task.MULTI_LABEL
                : Stream.of(Task.values())
                        .filter(task -> task.text().equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    public static String nameOf(Task task) {
        return task.nameInApi();
    }
}
