package dev.anneal.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Looks at each page of a journey: none is wider than a phone. If bench/page names a directory and the file of axe, it also leaves
 * pictures there, and collects what axe calls serious.
 */
final class Inspection {
    private static final int WIDE = 1200;
    private static final int PHONE = 390;
    private static final int MOST_HEIGHT = 1600;

    private final Chromium browser;
    private final String pictures = System.getProperty("journey.pictures");
    private final String axe = System.getProperty("journey.axe");
    private final List<String> violations = new ArrayList<>();
    private int pages;

    Inspection(Chromium browser) {
        this.browser = browser;
    }

    void look(String step) throws IOException {
        pages++;
        size(PHONE);
        assertThat(browser.js("document.documentElement.scrollWidth").asInt())
                .as("the width of " + browser.text())
                .isLessThanOrEqualTo(PHONE);
        if (pictures != null) {
            System.out.println("time: " + step + ": "
                    + browser.js("(page => Math.round(page.domInteractive) + ' ms until it is interactive, '"
                                    + " + Math.round(page.loadEventEnd) + ' ms until all is loaded')"
                                    + "(performance.getEntriesByType('navigation')[0])")
                            .asString());
            for (String scheme : List.of("light", "dark")) {
                scheme(scheme);
                for (int width : new int[] {WIDE, PHONE}) {
                    size(width);
                    picture("%02d-%s-%s-%d".formatted(pages, step, scheme, width));
                    check(step + " " + scheme + " " + width);
                }
            }
            scheme("light");
        }
        size(WIDE);
    }

    private void size(int width) {
        browser.call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
        // Charts follow their places in the frame after the next.
        browser.js(
                "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))");
    }

    private void scheme(String scheme) {
        browser.call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    private void picture(String name) throws IOException {
        int height = Math.min(
                MOST_HEIGHT, browser.js("document.documentElement.scrollHeight").asInt());
        int width = browser.js("innerWidth").asInt();
        JsonNode shot = browser.call(
                "Page.captureScreenshot",
                Map.of(
                        "format",
                        "png",
                        "captureBeyondViewport",
                        true,
                        "clip",
                        Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)));
        Files.write(
                Files.createDirectories(Path.of(pictures)).resolve(name + ".png"),
                Base64.getDecoder().decode(shot.path("data").asString()));
    }

    private void check(String page) throws IOException {
        if (axe == null) {
            return;
        }
        browser.js(Files.readString(Path.of(axe)) + "; true");
        JsonNode found = browser.js(
                "axe.run().then(found => ({ violations: found.violations.map(each => ({ impact: each.impact,"
                        + " id: each.id, count: each.nodes.length, html: each.nodes[0].html.slice(0, 160) })), passes: found.passes.length }))");
        System.out.printf(
                "axe: %s: %d rules passed, %d violations%n",
                page, found.path("passes").asInt(), found.path("violations").size());
        for (JsonNode violation : found.path("violations")) {
            String text = page + ": " + violation;
            System.out.println("axe: " + text);
            if (Set.of("serious", "critical").contains(violation.path("impact").asString())) {
                violations.add(text);
            }
        }
    }

    /** Returns what axe calls serious or critical. */
    List<String> violations() {
        return violations;
    }
}
