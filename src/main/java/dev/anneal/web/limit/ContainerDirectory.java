package dev.anneal.web.limit;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Lets Tomcat keep uploads in the data directory, where a process that starts removes those of killed processes. In /tmp they
 * would stay, and /tmp may have too little room.
 */
@Component
class ContainerDirectory implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private final DataDirectory data;

    ContainerDirectory(DataDirectory data) {
        this.data = data;
    }

    @Override
    public void customize(TomcatServletWebServerFactory tomcat) {
        try {
            Path directory = Files.createTempDirectory(data.own(), "tomcat");
            tomcat.setBaseDirectory(directory.toFile());
            tomcat.setDocumentRoot(
                    Files.createDirectory(directory.resolve("empty")).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a directory for uploads", e);
        }
    }
}
