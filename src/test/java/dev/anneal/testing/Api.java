package dev.anneal.testing;

import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/** Calls the server under test as its admin would. */
@Lazy
@TestComponent
public class Api extends Client {
    public Api(Environment environment, DataDirectory data) {
        super("http://127.0.0.1:" + environment.getProperty("local.server.port"), key(data));
    }

    private static String key(DataDirectory data) {
        try {
            return Files.readString(data.file("admin.key")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
