package dev.anneal.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.json.Json;
import dev.anneal.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import tools.jackson.databind.JsonNode;

/** A headless Chromium with one page: it does what a person does with keys and mouse. */
final class Chromium implements AutoCloseable {
    private final Path home = TestServer.newDirectory().toAbsolutePath();
    private final DevTools browser;
    private final String session;

    /** Returns the program that the variable CHROME names, or one of the usual names on the path. */
    static Optional<Path> find() {
        String named = System.getenv("CHROME");
        Stream<Path> usual = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(directory -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(directory, name)));
        return Stream.concat(Stream.ofNullable(named).map(Path::of), usual)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Returns the program, or skips the test if the machine has none. */
    static Path required() {
        Optional<Path> program = find();
        assumeTrue(
                program.isPresent(),
                "There is no Chromium on the path (chromium, chromium-browser, google-chrome). Install it, or set CHROME to its path.");
        return program.get();
    }

    Chromium(Path program) throws IOException {
        browser = new DevTools(program, home);
        String target = browser.call(null, "Target.createTarget", Map.of("url", "about:blank"))
                .path("targetId")
                .asString();
        session = browser.call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asString();
        browser.call(
                null,
                "Browser.setDownloadBehavior",
                Map.of("behavior", "allow", "downloadPath", downloads().toString()));
        List.of("Page.enable", "Runtime.enable", "Log.enable", "DOM.enable", "Page.bringToFront")
                .forEach(each -> call(each, Map.of()));
    }

    /** Calls a method of the DevTools protocol for the page. */
    JsonNode call(String method, Map<String, ?> parameters) {
        return browser.call(session, method, parameters);
    }

    /** Returns the value of a script, or of the promise that it returns. */
    JsonNode js(String script) {
        JsonNode result =
                call("Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
        assertThat(result.has("exceptionDetails")).as("%s: %s", script, result).isFalse();
        return result.path("result").path("value");
    }

    /** Waits until a script is true. A page that is just being replaced answers with an error, which means not yet. */
    void await(String script) {
        try {
            Awaitility.await(script)
                    .atMost(DevTools.PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> isTrue(script));
        } catch (ConditionTimeoutException late) {
            throw new AssertionError(script + " is not true on " + text(), late);
        }
    }

    private boolean isTrue(String script) {
        try {
            return call("Runtime.evaluate", Map.of("expression", "Boolean(" + script + ")", "returnByValue", true))
                    .path("result")
                    .path("value")
                    .asBoolean(false);
        } catch (AssertionError replaced) {
            return false;
        }
    }

    void open(String url) {
        call("Page.navigate", Map.of("url", url));
        await("document.readyState === 'complete' && location.href.startsWith('http')");
    }

    /** Opens a page in a separate window, which this class does not drive. It is as visible as the others. */
    void openBeside(String url) {
        browser.call(null, "Target.createTarget", Map.of("url", url, "newWindow", true));
    }

    void reload() {
        js("window.isOld = true");
        call("Page.reload", Map.of());
        await("!window.isOld && document.readyState === 'complete'");
    }

    /** Returns what a person reads on the page. */
    String text() {
        return js("location.href + '\\n' + document.body.innerText").asString();
    }

    /** Waits for an element and clicks on its middle with the mouse. */
    void click(String selector) {
        JsonNode point = point(quoted(selector), "document.querySelector(selector)");
        mouse("mousePressed", point);
        mouse("mouseReleased", point);
    }

    /** Clicks on the first link, button or summary with a text. */
    void clickOn(String text) {
        JsonNode point = point(
                quoted(text),
                "[...document.querySelectorAll('a, button, summary')].find(each => each.innerText.trim() === selector"
                        + " && each.checkVisibility())");
        mouse("mousePressed", point);
        mouse("mouseReleased", point);
    }

    private JsonNode point(String selector, String find) {
        String element = "(selector => " + find + ")(" + selector + ")";
        await(element);
        return js(
                "(each => { each.scrollIntoView({ block: 'center', behavior: 'instant' }); const box = each.getBoundingClientRect();"
                        + " return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })(" + element + ")");
    }

    private void mouse(String type, JsonNode point) {
        call(
                "Input.dispatchMouseEvent",
                Map.of(
                        "type",
                        type,
                        "x",
                        point.path("x").asDouble(),
                        "y",
                        point.path("y").asDouble(),
                        "button",
                        "left",
                        "clickCount",
                        1));
    }

    /** Types a text into a field, in place of what it has. */
    void type(String selector, String text) {
        await("document.querySelector(" + quoted(selector) + ")");
        js("(field => { field.focus(); field.select(); })(document.querySelector(" + quoted(selector) + "))");
        call("Input.insertText", Map.of("text", text));
    }

    /** Chooses the option with a text. */
    void choose(String selector, String option) {
        await("document.querySelector(" + quoted(selector) + ")");
        js(
                "((field, text) => { field.selectedIndex = [...field.options].findIndex(each => each.text.trim().startsWith(text));"
                        + " field.dispatchEvent(new Event('input', { bubbles: true }));"
                        + " field.dispatchEvent(new Event('change', { bubbles: true })); })(document.querySelector("
                        + quoted(selector) + "), " + quoted(option) + ")");
        assertThat(js("document.querySelector(" + quoted(selector) + ").selectedIndex")
                        .asInt())
                .as(option)
                .isNotNegative();
    }

    void chooseFile(String selector, Path file) {
        await("document.querySelector(" + quoted(selector) + ")");
        int root = call("DOM.getDocument", Map.of()).path("root").path("nodeId").asInt();
        int field = call("DOM.querySelector", Map.of("nodeId", root, "selector", selector))
                .path("nodeId")
                .asInt();
        call(
                "DOM.setFileInputFiles",
                Map.of("nodeId", field, "files", List.of(file.toAbsolutePath().toString())));
    }

    /** Returns the directory for files that the browser downloads. */
    Path downloads() throws IOException {
        return Files.createDirectories(home.resolve("downloads"));
    }

    /** Returns what scripts threw, and what the content security policy refused. */
    List<String> faults() {
        return browser.faults();
    }

    static String quoted(String text) {
        return Json.MAPPER.writeValueAsString(text);
    }

    @Override
    public void close() {
        browser.close();
    }
}
