package dev.anneal.worker;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/workers")
class WorkerController {
    private final Workers workers;

    WorkerController(Workers workers) {
        this.workers = workers;
    }

    @GetMapping
    Page<WorkerView> list(
            @RequestParam(defaultValue = "20") int limit, @RequestParam(defaultValue = Ids.LAST) String after) {
        // Postgres cannot look up a null character.
        if (!after.equals(Ids.LAST)
                && (after.indexOf('\0') >= 0 || workers.find(after, project()).isEmpty())) {
            throw Page.unknown(after, "worker");
        }
        return Page.of(workers.list(project(), after, Page.limit(limit) + 1), limit, worker -> worker);
    }

    @PostMapping("/{id}/drain")
    WorkerView drain(@PathVariable String id) {
        return set(id, WorkerStatus.draining);
    }

    @PostMapping("/{id}/undrain")
    WorkerView undrain(@PathVariable String id) {
        return set(id, WorkerStatus.active);
    }

    private WorkerView set(String id, WorkerStatus status) {
        workers.set(id, status);
        return workers.find(id, project()).orElseThrow(() -> Problem.notFound("worker", id));
    }

    /** Returns the project whose jobs the caller may see, or null for all. */
    private static @Nullable String project() {
        Caller caller = Caller.current();
        return caller.serverAdmin() ? null : caller.project();
    }
}
