package dev.anneal.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.settings.InvalidSettingException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class DatabaseUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://anneal:hidden@127.0.0.1/anneal",
                "postgres://anneal:hid/den@127.0.0.1/anneal",
                "jdbc:postgresql://anneal:hid?den@127.0.0.1/anneal",
                "jdbc:postgresql://anneal:hid#den@127.0.0.1/anneal",
                "jdbc:postgresql://anneal@127.0.0.1/anneal?password=hidden"
            })
    void theServerDoesNotStartWithAUserInTheAddressAndDoesNotRepeatIt(String url) {
        new ApplicationContextRunner()
                .withUserConfiguration(DatabaseConfiguration.class)
                .withPropertyValues("spring.datasource.url=" + url)
                .run(context -> assertThat(context.getStartupFailure())
                        .isInstanceOf(InvalidSettingException.class)
                        .hasMessageStartingWith("spring.datasource.url is ")
                        .hasMessageContaining(
                                "://***@127.0.0.1/anneal'. It must be of the form jdbc:postgresql://host/db")
                        .hasMessageNotContaining("hid"));
    }
}
