package dev.anneal.security.key;

import dev.anneal.role.ForRole;
import dev.anneal.security.Caller;
import dev.anneal.text.Ids;
import dev.anneal.web.Page;
import dev.anneal.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

@RestController
@ForRole("api")
@RequestMapping("/api/v1/keys")
class KeyController {
    private final ApiKeyManagement keys;

    KeyController(ApiKeyManagement keys) {
        this.keys = keys;
    }

    /** Accepts no Idempotency-Key, because the secret is shown only once. */
    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<KeyView> create(@RequestBody JsonNode body, HttpServletRequest request) {
        NewKey asked = NewKey.of(body);
        String project = asked.project() == null ? Caller.named(request) : asked.project();
        KeyView key = keys.create(asked.in(project), Caller.current());
        return ResponseEntity.created(URI.create("/api/v1/keys/" + key.id())).body(key);
    }

    @GetMapping
    Page<KeyView> list(
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(defaultValue = Ids.LAST) String after,
            HttpServletRequest request) {
        return Page.of(
                keys.page(visible(request), Page.after(after, "key", "key"), Page.limit(limit) + 1), limit, key -> key);
    }

    @GetMapping("/{id}")
    KeyView get(@PathVariable String id, HttpServletRequest request) {
        return find(id, request);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable String id, HttpServletRequest request) {
        keys.revoke(find(id, request).id());
    }

    private KeyView find(String id, HttpServletRequest request) {
        return keys.find(id, visible(request)).orElseThrow(() -> Problem.notFound("key", id));
    }

    /** Returns the project whose keys the caller sees; without one it sees all. */
    private static @Nullable String visible(HttpServletRequest request) {
        Caller caller = Caller.current();
        return caller.serverAdmin() ? Caller.named(request) : caller.project();
    }
}
