package dev.anneal.dataset.check;

import java.util.EnumMap;
import java.util.Map;

/** Looks for control characters, lost characters and personal data in texts. Never repeats what it finds. */
final class TextCheck {
    /** No personal data has fewer digits, unless it has an at sign. */
    private static final int DIGITS = 8;

    private static final Map<PersonalData.Kind, String> CODES = Map.of(
            PersonalData.Kind.EMAIL, "personal_email",
            PersonalData.Kind.PHONE, "personal_phone",
            PersonalData.Kind.CARD, "personal_card",
            PersonalData.Kind.IBAN, "personal_iban");
    private static final Map<PersonalData.Kind, String> ONE = Map.of(
            PersonalData.Kind.EMAIL, "an e-mail address",
            PersonalData.Kind.PHONE, "a phone number",
            PersonalData.Kind.CARD, "a card number",
            PersonalData.Kind.IBAN, "an IBAN");
    private static final Map<PersonalData.Kind, String> MANY = Map.of(
            PersonalData.Kind.EMAIL, "e-mail addresses",
            PersonalData.Kind.PHONE, "phone numbers",
            PersonalData.Kind.CARD, "card numbers",
            PersonalData.Kind.IBAN, "IBANs");

    private final Findings findings;

    TextCheck(Findings findings) {
        this.findings = findings;
    }

    void check(String text, String role, int number) {
        int control = -1;
        boolean lost = false;
        boolean at = false;
        int digits = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 127) {
                digits += c >= '0' && c <= '9' ? 1 : 0;
                at |= c == '@';
            } else if (c < ' ' ? c != '\n' && c != '\t' && c != '\r' : c < 160) {
                control = control < 0 ? c : control;
            } else {
                lost |= c >= '\ufffd'; // and characters that do not exist
            }
        }
        if (control >= 0) {
            findings.add(
                    "control_character",
                    number,
                    role,
                    "The value contains the control character U+%04X. Remove it.".formatted(control));
        }
        if (lost) {
            findings.add(
                    "broken_unicode",
                    number,
                    role,
                    "The value contains U+FFFD, which stands for a character that was lost. Convert the text from its source again.");
        }
        if (at || digits >= DIGITS) {
            findPersonal(text, role, number);
        }
    }

    private void findPersonal(String text, String role, int number) {
        Map<PersonalData.Kind, Integer> counts = new EnumMap<>(PersonalData.Kind.class);
        PersonalData.find(text, (kind, from, to) -> counts.merge(kind, 1, Integer::sum));
        counts.forEach((kind, count) -> findings.add(
                CODES.getOrDefault(kind, ""),
                number,
                role,
                "The value contains %s. Remove personal data, or make a version of the dataset with 'redact'."
                        .formatted(count == 1 ? ONE.get(kind) : count + " " + MANY.get(kind))));
    }
}
