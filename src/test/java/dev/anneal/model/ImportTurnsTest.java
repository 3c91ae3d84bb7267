package dev.anneal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.model.ModelImports.Claim;
import dev.anneal.model.source.HubSource;
import dev.anneal.testing.ServerTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;

/** The order in which imports of several projects are claimed. No process of this server claims any. */
@ServerTest
@TestPropertySource(properties = "anneal.roles=inference")
class ImportTurnsTest {
    @Autowired
    ModelImports imports;

    @Autowired
    JdbcClient jdbc;

    @BeforeEach
    void addProjects() {
        for (String project : List.of("a", "b", "c")) {
            jdbc.sql("insert into projects (id, name) values (?, ?)")
                    .params(project, project)
                    .update();
        }
    }

    @AfterEach
    void leaveNothing() {
        jdbc.sql("delete from models where status <> 'ready'").update();
        jdbc.sql("delete from projects where id in ('a', 'b', 'c')").update();
    }

    @Test
    void projectsTakeTurnsIfImportsRunOneAfterTheOther() {
        submit("a", 4);
        submit("b", 2);
        submit("c", 1);
        submit(null, 1);

        List<String> claimed = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Claim claim = imports.claim(Set.of()).orElseThrow();
            claimed.add(project(claim));
            imports.fail(claim, "test", "It ended.", true);
        }

        assertThat(imports.claim(Set.of())).isEmpty();
        assertThat(claimed.subList(0, 4)).containsExactlyInAnyOrder("a", "b", "c", "all");
        assertThat(claimed.subList(4, 6)).containsExactlyInAnyOrder("a", "b");
        assertThat(claimed.subList(6, 8)).containsExactly("a", "a");
    }

    @Test
    void theProjectWithTheFewestRunningImportsIsNext() {
        submit("a", 3);
        String first = project(imports.claim(Set.of()).orElseThrow());
        String second = project(imports.claim(Set.of()).orElseThrow());
        submit("b", 2);

        assertThat(List.of(first, second)).containsExactly("a", "a");
        assertThat(project(imports.claim(Set.of()).orElseThrow())).isEqualTo("b");
        assertThat(project(imports.claim(Set.of()).orElseThrow())).isEqualTo("b");
        assertThat(project(imports.claim(Set.of()).orElseThrow())).isEqualTo("a");
    }

    private void submit(String project, int count) {
        for (int i = 0; i < count; i++) {
            HubSource source = Objects.requireNonNull(HubSource.parse("hf:acme/" + project + i, "main"));
            imports.submit(new ImportRequest(source, "acme/" + project + i), project);
        }
    }

    private String project(Claim claim) {
        return jdbc.sql("select coalesce(project, 'all') from models where id = ?")
                .param(claim.modelId())
                .query(String.class)
                .single();
    }
}
