package dev.anneal.page.layout;

import dev.anneal.report.html.Cell;
import dev.anneal.report.html.Html;

/** A list of names and values. */
public final class Facts {
    private final Html html;

    public Facts(Html html) {
        this.html = html.open("dl", "class", "facts");
    }

    public Facts add(String name, Cell value) {
        html.open("div").element("dt", name).open("dd");
        value.write(html);
        html.close("dd").close("div");
        return this;
    }

    public Facts add(String name, String value) {
        return add(name, Cell.of(value));
    }

    public void end() {
        html.close("dl");
    }
}
