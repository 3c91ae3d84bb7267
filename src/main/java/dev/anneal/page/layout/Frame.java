package dev.anneal.page.layout;

import dev.anneal.page.session.FormToken;
import dev.anneal.page.session.Session;
import dev.anneal.report.html.Html;
import dev.anneal.security.RequiredRole;
import dev.anneal.web.HtmlPage;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The frame of a page: its head, the navigation, and the place of its content. */
public final class Frame {
    /** The parts of the page, by the paths of their first pages, and the role that sees them. */
    private enum Part {
        home("Home", "/ui", RequiredRole.viewer),
        datasets("Datasets", "/ui/datasets", RequiredRole.viewer),
        jobs("Jobs", "/ui/jobs", RequiredRole.viewer),
        models("Models", "/ui/models", RequiredRole.viewer),
        playground("Playground", "/ui/playground", RequiredRole.viewer),
        admin("Admin", "/ui/admin", RequiredRole.admin);

        final String title;
        final String path;
        final RequiredRole need;

        Part(String title, String path, RequiredRole need) {
            this.title = title;
            this.path = path;
            this.need = need;
        }
    }

    /** Only files of this server, and no code or style within a page. Scripts set positions of charts, which this allows. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
            + " connect-src 'self'; base-uri 'none'; form-action 'self'";

    /** htmx must neither evaluate code nor add styles, ask other servers, or store pages in the browser. */
    private static final String HTMX = """
            {"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0,\
            "refreshOnHistoryMiss":true,"allowScriptTags":false}""";

    private final Html html = new Html();
    private final String title;
    private final @Nullable Part part;
    private final List<String> files;

    private Frame(String title, @Nullable Part part, List<String> files) {
        this.title = title;
        this.part = part;
        this.files = files;
    }

    /**
     * Returns a page.
     *
     * @param title the heading; it may contain the name that a user gave something
     * @param part the part of the page, or "" if it is in none
     * @param files scripts and style sheets that only this page needs
     */
    public static ResponseEntity<String> page(String title, String part, Consumer<Html> content, String... files) {
        Part in = part.isEmpty() ? null : Part.valueOf(part);
        String html = new Frame(title, in, List.of(files)).write(content);
        ServletRequestAttributes now = now();
        HttpServletResponse response = Objects.requireNonNull(now.getResponse());
        // With 'no-referrer' browsers send forms with the origin 'null', which could be any site.
        response.setHeader("Referrer-Policy", "same-origin");
        return HtmlPage.of(html, POLICY, response);
    }

    private static ServletRequestAttributes now() {
        return (ServletRequestAttributes) Objects.requireNonNull(RequestContextHolder.getRequestAttributes());
    }

    private String write(Consumer<Html> content) {
        HttpServletRequest request = now().getRequest();
        Optional<Session> session = Session.ifAny(request);
        html.open("html", "lang", "en");
        head(session);
        html.open("body");
        html.element("a", "Skip to the content", "class", "skip", "href", "#main");
        html.open("header", "class", "top").open("div", "class", "bar");
        html.element("a", "Anneal", "class", "brand", "href", "/ui");
        session.ifPresent(this::navigation);
        html.close("div").close("header");
        html.open("main", "id", "main", "tabindex", "-1");
        html.open("h1").user(title, 200).close("h1");
        html.open("div", "id", "notice", "role", "alert").close("div");
        content.accept(html);
        html.close("main");
        html.open("footer")
                .element("a", "API reference", "href", "/docs")
                .element("a", "Contract", "href", "/openapi.yaml")
                .close("footer");
        return html.close("body").close("html").page();
    }

    private void head(Optional<Session> session) {
        html.open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "color-scheme", "content", "light dark");
        html.empty("meta", "name", "htmx-config", "content", HTMX);
        session.ifPresent(signedIn -> html.empty("meta", "name", "form-token", "content", signedIn.formToken()));
        html.element("title", Html.cut(title, 80) + " · Anneal");
        html.empty("link", "rel", "icon", "href", "data:,");
        html.empty("link", "rel", "stylesheet", "href", PageFiles.url("ui.css"));
        files.stream()
                .filter(file -> file.endsWith(".css"))
                .forEach(file -> html.empty("link", "rel", "stylesheet", "href", PageFiles.url(file)));
        script("htmx.js");
        script("ui.js");
        files.stream().filter(file -> file.endsWith(".js")).forEach(this::script);
        html.close("head");
    }

    private void script(String file) {
        html.open("script", "src", PageFiles.url(file), "defer", "").close("script");
    }

    private void navigation(Session session) {
        html.open("nav", "aria-label", "Main").open("ul");
        for (Part each : Part.values()) {
            if (each.need.allows(session.caller())) {
                html.open("li")
                        .element("a", each.title, "href", each.path, "aria-current", each == part ? "page" : null)
                        .close("li");
            }
        }
        html.close("ul").close("nav");
        html.open("div", "class", "who");
        html.open("span").text("Project ");
        if (session.choosesProject()) {
            html.open("a", "href", "/ui/project")
                    .user(session.caller().project(), 40)
                    .close("a");
        } else {
            html.open("strong").user(session.caller().project(), 40).close("strong");
        }
        html.close("span");
        html.open("span", "class", "quiet")
                .user(session.caller().name(), 40)
                .text(" (" + session.caller().role() + ")")
                .close("span");
        html.open("form", "method", "post", "action", "/ui/sign-out");
        FormToken.write(html, session.formToken());
        html.element("button", "Sign out", "type", "submit", "class", "plain")
                .close("form")
                .close("div");
    }
}
