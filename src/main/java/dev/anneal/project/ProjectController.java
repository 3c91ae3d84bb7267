package dev.anneal.project;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/projects")
class ProjectController {
    private final Projects projects;

    ProjectController(Projects projects) {
        this.projects = projects;
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<ProjectView> create(@RequestBody JsonNode body) {
        ProjectRequest request = ProjectRequest.create(body);
        projects.create(request);
        return ResponseEntity.created(URI.create("/api/v1/projects/" + request.id()))
                .body(view(find(request.id())));
    }

    @GetMapping
    Page<ProjectView> list(
            @RequestParam(defaultValue = "20") int limit, @RequestParam(defaultValue = Ids.LAST) String after) {
        if (!after.equals(Ids.LAST) && visible(after).isEmpty()) {
            throw Page.unknown(after, "project");
        }
        return Page.of(projects.page(visible(), after, Page.limit(limit) + 1), limit, this::view);
    }

    @GetMapping("/{id}")
    ProjectView get(@PathVariable String id) {
        return view(find(id));
    }

    @PatchMapping(path = "/{id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    ProjectView update(@PathVariable String id, @RequestBody JsonNode body) {
        projects.update(ProjectRequest.update(body, find(id)));
        return get(id);
    }

    private ProjectView view(Project project) {
        return new ProjectView(
                project.id(), project.name(), project.limits(), projects.usage(project.id()), project.createdAt());
    }

    private Project find(String id) {
        return visible(id).orElseThrow(() -> Problem.notFound("project", id));
    }

    private Optional<Project> visible(String id) {
        String only = visible();
        // Postgres cannot look up a null character.
        return id.indexOf('\0') >= 0 || only != null && !only.equals(id) ? Optional.empty() : projects.find(id);
    }

    /** Returns the only project that the caller sees; without one the caller sees all. */
    private static @Nullable String visible() {
        Caller caller = Caller.current();
        return caller.serverAdmin() ? null : caller.project();
    }
}
