package dev.anneal.report.section;

import dev.anneal.report.html.Html;

/** A part of the page. */
public interface Section {
    /** Returns the anchor of the section. */
    String id();

    String title();

    /** Returns whether the report has nothing for this section, which is left out then. */
    boolean isEmpty();

    /** Writes the content below the heading. */
    void write(Html html);
}
