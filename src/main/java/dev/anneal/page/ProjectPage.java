package dev.anneal.page;

import dev.anneal.json.Json;
import dev.anneal.page.api.Api;
import dev.anneal.page.layout.Frame;
import dev.anneal.page.layout.Words;
import dev.anneal.page.session.FormToken;
import dev.anneal.page.session.Session;
import dev.anneal.page.session.Sessions;
import dev.anneal.report.html.Html;
import dev.anneal.role.ForRole;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** The choice of the project, for the server's admin and for people whose issuer names several. */
@RestController
@ForRole("api")
class ProjectPage {
    private final Api api;
    private final Sessions sessions;

    ProjectPage(Api api, Sessions sessions) {
        this.api = api;
        this.sessions = sessions;
    }

    @GetMapping("/ui/project")
    ResponseEntity<String> show(@RequestParam(required = false) @Nullable String after, HttpServletRequest request) {
        Session session = Session.of(request);
        if (session.projects().isEmpty()) {
            JsonNode page = api.get("/api/v1/projects", "limit", "50", "after", after);
            return show(
                    session,
                    page.path("data").valueStream().toList(),
                    html -> Words.pages(html, page, "/ui/project", "", after));
        }
        return show(session, session.projects().stream().map(ProjectPage::named).toList(), html -> {});
    }

    /** Returns a project as the API shows it, of somebody who may not ask the API for it. */
    private static JsonNode named(String id) {
        return Json.MAPPER.createObjectNode().put("id", id).put("name", id);
    }

    private static ResponseEntity<String> show(Session session, List<JsonNode> projects, Consumer<Html> pages) {
        return Frame.page("Choose a project", "", html -> {
            html.element("p", "All pages show datasets, jobs and models of the chosen project.");
            html.open("ul", "class", "choices");
            projects.forEach(project -> choice(html, session, project));
            html.close("ul");
            pages.accept(html);
        });
    }

    private static void choice(Html html, Session session, JsonNode project) {
        String id = project.path("id").asString();
        boolean isChosen = id.equals(session.caller().project());
        html.open("li").open("form", "method", "post", "action", "/ui/project");
        FormToken.write(html, session.formToken());
        html.empty("input", "type", "hidden", "name", "project", "value", id);
        html.open("button", "type", "submit", "class", "plain", "aria-pressed", String.valueOf(isChosen))
                .user(project.path("name").asString(), 80)
                .text(" ")
                .element("span", id, "class", "quiet")
                .close("button");
        html.close("form").close("li");
    }

    @PostMapping("/ui/project")
    void choose(
            @RequestParam(defaultValue = "") String project, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Session session = Session.of(request);
        if (!session.projects().contains(project)) {
            session.caller().requireServerAdmin("To choose a project");
            api.get(Api.path("/api/v1/projects/%s", project)); // throws if there is none
        }
        sessions.choose(session.secret(), project);
        response.sendRedirect("/ui", HttpStatus.SEE_OTHER.value());
    }
}
