package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.local.DataDirectory;
import dev.anneal.testing.ServerTest;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

@ServerTest
@TestPropertySource(properties = "anneal.roles=api,inference")
class BaseModelsTest {
    @Autowired
    ModelRegistry registry;

    @Autowired
    Models models;

    @Autowired
    ArtifactStore store;

    @Autowired
    DataDirectory data;

    @Test
    void aServerThatStartsAgainDoesNotReadTheBundledModel() throws Exception {
        List<String> called = new ArrayList<>();
        ArtifactStore watched = (ArtifactStore) Proxy.newProxyInstance(
                ArtifactStore.class.getClassLoader(),
                new Class<?>[] {ArtifactStore.class},
                (proxy, method, arguments) -> {
                    called.add(method.getName());
                    return method.invoke(store, arguments);
                });

        new BaseModels(registry, models, watched, data).afterPropertiesSet();

        assertThat(called).containsExactly("has");
    }
}
