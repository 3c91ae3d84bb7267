package dev.anneal.security.audit;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/audit")
class AuditController {
    private final AuditLog audit;

    AuditController(AuditLog audit) {
        this.audit = audit;
    }

    /** The server's admin sees all entries, also those of unknown callers. The admin of a project sees those of the project. */
    @GetMapping
    Page<AuditEntry> list(
            @RequestParam(required = false) @Nullable String project,
            @RequestParam(required = false) @Nullable String actor,
            @RequestParam(required = false) @Nullable String operation,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after,
            HttpServletRequest request) {
        Caller caller = Caller.current();
        if (project != null && !caller.serverAdmin() && !project.equals(caller.project())) {
            throw Problem.notFound("project", project);
        }
        return Page.of(
                audit.page(
                        caller.serverAdmin()
                                ? project == null ? Caller.named(request) : checked("project", project)
                                : caller.project(),
                        checked("actor", actor),
                        checked("operation", operation),
                        Page.after(after, "aud", "entry"),
                        Page.limit(limit) + 1),
                limit,
                entry -> entry);
    }

    private static @Nullable String checked(String field, @Nullable String value) {
        if (value != null && value.indexOf('\0') >= 0) {
            throw Problem.invalid(field, "invalid_value", "'" + field + "' contains a null character.");
        }
        return value;
    }
}
