package dev.anneal.web;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** Files of other projects for browsers, which come as Maven artifacts. */
public final class Webjar {
    private Webjar() {}

    /** Returns a file of a webjar. Its path contains the version, which the webjar's Maven properties have. */
    public static Resource file(String group, String artifact, String file) {
        Properties properties = new Properties();
        String maven = "META-INF/maven/%s/%s/pom.properties".formatted(group, artifact);
        try (InputStream in = new ClassPathResource(maven).getInputStream()) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("the webjar " + artifact + " is missing", e);
        }
        return new ClassPathResource(
                "META-INF/resources/webjars/%s/%s/%s".formatted(artifact, properties.getProperty("version"), file));
    }
}
