package dev.anneal.dataset.version;

import dev.anneal.dataset.check.PersonalData;
import java.util.Locale;
import java.util.Set;

/** Replaces personal data by what it was, such as [email]. */
final class Redaction {
    private final Set<PersonalData.Kind> kinds;

    Redaction(Set<PersonalData.Kind> kinds) {
        this.kinds = kinds;
    }

    String redact(String text) {
        StringBuilder out = new StringBuilder();
        int[] end = {0};
        PersonalData.find(text, (kind, from, to) -> {
            if (kinds.contains(kind)) {
                out.append(text, end[0], from)
                        .append('[')
                        .append(kind.name().toLowerCase(Locale.ROOT))
                        .append(']');
                end[0] = to;
            }
        });
        return end[0] == 0 ? text : out.append(text, end[0], text.length()).toString();
    }
}
