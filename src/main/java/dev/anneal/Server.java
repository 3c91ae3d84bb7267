package dev.anneal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The service: {@code serve [--port N] [--host H] [--data DIR] [--roles api,worker,inference]}. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class Server {
    private static final Map<String, String> OPTIONS = Map.of(
            "--port", "--server.port",
            "--host", "--server.address",
            "--data", "--anneal.data",
            "--roles", "--anneal.roles");

    public static void main(String[] args) {
        SpringApplication.run(Server.class, properties(args));
    }

    /** Our short options as Spring's properties, {@code --port 1} and {@code --port=1} alike; the rest goes through. */
    static String[] properties(String[] args) {
        List<String> properties = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String[] option = args[i].split("=", 2);
            String property = OPTIONS.get(option[0]);
            if (property == null) {
                properties.add(args[i]);
            } else if (option.length == 2) {
                properties.add(property + "=" + option[1]);
            } else if (i + 1 < args.length) {
                properties.add(property + "=" + args[++i]);
            } else {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
        }
        return properties.toArray(String[]::new);
    }
}
