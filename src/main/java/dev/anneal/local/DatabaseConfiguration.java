package dev.anneal.local;

import dev.anneal.files.FileLocks;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.SQLException;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The Postgres that is configured, or else the embedded one, which this process starts. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {
    /** Refuses a wrong address before it is used. */
    @Bean
    static BeanFactoryPostProcessor databaseUrl(Environment settings) {
        return beans -> DatabaseUrl.check(settings.getProperty("spring.datasource.url", "none"));
    }

    /** Writes JSONB columns with the same mapper as everything else. */
    @Bean
    HibernatePropertiesCustomizer jsonColumns() {
        return properties -> properties.put(
                "hibernate.type.json_format_mapper",
                new org.hibernate.type.format.jackson.Jackson3JsonFormatMapper(dev.anneal.json.Json.MAPPER));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "spring.datasource.url", matchIfMissing = true, havingValue = "none")
    static class Embedded {
        /** Held while the Postgres runs, so that no other process takes it for one that was left by a killed server. */
        @Bean(destroyMethod = "close")
        FileLocks.Held postgresLock(DataDirectory data) throws IOException {
            return FileLocks.take(data.directory("postgres").resolve("lock"))
                    .orElseThrow(() -> new IllegalStateException(
                            "Another server uses the Postgres in " + data.file("postgres") + ". Stop that server."));
        }

        @Bean(destroyMethod = "close")
        EmbeddedPostgres embeddedPostgres(FileLocks.Held postgresLock, DataDirectory data)
                throws IOException, SQLException {
            return LocalPostgres.start(data);
        }

        @Bean(destroyMethod = "close")
        PostgresWatch postgresWatch(EmbeddedPostgres server, DataDirectory data) throws IOException {
            return PostgresWatch.start(LocalPostgres.cluster(data));
        }

        @Bean
        JdbcConnectionDetails embeddedConnection(EmbeddedPostgres server, DataDirectory data) throws IOException {
            String url = server.getJdbcUrl("postgres", "postgres");
            String password = LocalPostgres.password(data);
            return new JdbcConnectionDetails() {
                @Override
                public String getUsername() {
                    return "postgres";
                }

                @Override
                public String getPassword() {
                    return password;
                }

                @Override
                public String getJdbcUrl() {
                    return url;
                }
            };
        }
    }
}
