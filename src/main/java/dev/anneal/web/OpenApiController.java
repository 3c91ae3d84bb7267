package dev.anneal.web;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the contract, from which clients can be generated. */
@RestController
class OpenApiController {
    @GetMapping(path = "/openapi.yaml", produces = "application/yaml")
    Resource document() {
        return new ClassPathResource("openapi.yaml");
    }
}
