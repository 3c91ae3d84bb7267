package dev.anneal.model;

import dev.anneal.web.limit.DownloadLimit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.web.servlet.config.annotation.AsyncSupportConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Writes the files of models as zips. Each download has a separate thread, so that clients that read slowly delay nobody else. */
@Configuration(proxyBeanMethods = false)
class Downloads implements WebMvcConfigurer {
    private static final String WEIGHTS = ".safetensors";

    private final DownloadLimit limit;

    Downloads(DownloadLimit limit) {
        this.limit = limit;
    }

    @Override
    public void configureAsyncSupport(AsyncSupportConfigurer async) {
        // Spring's own executor has eight threads, and further downloads would wait for them.
        async.setTaskExecutor(new SimpleAsyncTaskExecutor("download-"));
    }

    /** Returns a directory as a zip. Throws a problem if the project has too many downloads. */
    StreamingResponseBody zip(Path directory, String project) {
        return limit.count(project, out -> write(directory, out));
    }

    private static void write(Path directory, OutputStream out) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                // Weights hardly become smaller, and that takes longer than the rest.
                zip.setLevel(file.toString().endsWith(WEIGHTS) ? Deflater.NO_COMPRESSION : Deflater.BEST_SPEED);
                zip.putNextEntry(
                        new ZipEntry(directory.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
    }
}
