package dev.anneal.model;

import dev.anneal.web.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.config.annotation.AsyncSupportConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Writes the files of models as zips. Each download has a separate thread, so that clients that read slowly delay nobody else.
 * The downloads of a project are limited.
 */
@Configuration(proxyBeanMethods = false)
class Downloads implements WebMvcConfigurer {
    private static final int MAX_PER_PROJECT = 16;

    private final Map<String, Integer> running = new HashMap<>();

    @Override
    public void configureAsyncSupport(AsyncSupportConfigurer async) {
        // Spring's own executor has eight threads, and further downloads would wait for them.
        async.setTaskExecutor(new SimpleAsyncTaskExecutor("download-"));
    }

    /** Returns a directory as a zip. Throws a problem if the project has too many downloads. */
    StreamingResponseBody zip(Path directory, String project) {
        begin(project);
        return out -> {
            try {
                write(directory, out);
            } finally {
                end(project);
            }
        };
    }

    private synchronized void begin(String project) {
        int now = running.getOrDefault(project, 0);
        if (now >= MAX_PER_PROJECT) {
            throw new Problem(
                    HttpStatus.TOO_MANY_REQUESTS,
                    "too_many_downloads",
                    "The project has %d downloads in progress, which is the limit. Try again when one has ended."
                            .formatted(now));
        }
        running.put(project, now + 1);
    }

    private synchronized void end(String project) {
        running.computeIfPresent(project, (same, count) -> count == 1 ? null : count - 1);
    }

    private static void write(Path directory, OutputStream out) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(directory)) {
            zip.setLevel(Deflater.BEST_SPEED); // weights hardly compress
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                zip.putNextEntry(
                        new ZipEntry(directory.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }
}
