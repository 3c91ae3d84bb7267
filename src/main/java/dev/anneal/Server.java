package dev.anneal;

import dev.anneal.log.OutOfMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The service. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class Server {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    /** Starts the service with properties of the form {@code --name=value}, and returns the port that it listens on. */
    public static int start(String... properties) {
        Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> {
            OutOfMemory.endIf(fault);
            log.error("unexpected error in the thread {}", thread.getName(), fault);
        });
        return SpringApplication.run(Server.class, properties)
                .getEnvironment()
                .getRequiredProperty("local.server.port", Integer.class);
    }
}
