package dev.anneal.page;

import dev.anneal.Server;
import dev.anneal.local.TestPostgres;
import dev.anneal.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;

/** A server that stops and starts again on its port, with its data directory and its database. */
final class RestartedServer implements AutoCloseable {
    private final TestPostgres.Database database = TestPostgres.newDatabase();
    private final Path data = TestServer.newDataDirectory().toAbsolutePath();
    private ConfigurableApplicationContext context;
    private int port;

    void start() {
        SpringApplication application = new SpringApplication(Server.class);
        application.addInitializers(
                starting -> starting.getBeanFactory().registerSingleton("noTestClasses", new NoTestClasses()));
        context = application.run(
                "--server.port=" + port,
                "--anneal.data=" + data,
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--spring.datasource.hikari.minimum-idle=0",
                "--anneal.validation.max-wait=5m");
        port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Returns the admin's key. */
    String key() throws IOException {
        return Files.readString(data.resolve("admin.key")).strip();
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Creates an object that is no bean of the server, with beans of it. */
    <T> T create(Class<T> type) {
        return context.getAutowireCapableBeanFactory().createBean(type);
    }

    /** Hides beans that other tests declare in the packages of the server. */
    private static final class NoTestClasses extends TypeExcludeFilter {
        @Override
        public boolean match(MetadataReader found, MetadataReaderFactory readers) throws IOException {
            return found.getResource().getURL().getPath().contains("/test-classes/");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof NoTestClasses;
        }

        @Override
        public int hashCode() {
            return NoTestClasses.class.hashCode();
        }
    }

    @Override
    public void close() {
        if (context != null) {
            context.close();
        }
    }
}
