package dev.anneal.json;

import dev.anneal.text.ControlCharacters;
import dev.anneal.text.Cut;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in plain words what the parser found wrong with the syntax of a JSON text. */
final class JsonSyntax {
    private static final int MAX_QUOTED = 80;
    private static final String UNKNOWN = "The syntax is not valid";
    /** Reasons by the parser's messages, tried in this order. {@code %s} is what the group found. */
    private static final Map<Pattern, String> REASONS = new LinkedHashMap<>();

    static {
        reason(
                "^Unexpected end-of-input.*(?:closing quote|STRING|property name|escape)",
                "The text ends inside a string");
        reason("^Unexpected end-of-input.*Array", "The text ends before an array is closed");
        reason("^Unexpected end-of-input.*Object", "The text ends before an object is closed");
        reason("^Unexpected end-of-input", "The text ends before the value is complete");
        reason("^Duplicate.*? property \"(.*?)\"(?: for `|$)", "The field '%s' occurs twice");
        reason("close marker '(.)': no open", "'%s' has no opening bracket");
        reason("close marker '.': expected '(.)'", "'%s' is missing");
        reason("character \\('([}\\]])'.*(?:start property name|expected a)", "Something is missing before '%s'");
        reason("double-quote to start property name", "A name is not in double quotes");
        reason("character \\('(.+?)' \\(.*comma to separate", "A comma is missing before '%s'");
        reason("character \\('(.+?)' \\(.*colon to separate", "A colon is missing before '%s'");
        reason("non-standard\\) comment", "JSON has no comments");
        reason("Unrecognized token '(.*)': was", "'%s' is not a value. Write text in double quotes");
        reason("Non-standard token '(.*)':", "'%s' is not a number in JSON");
        reason("character escape '(.)'|hex-digit", "A string has an invalid escape. Write a backslash as \\\\");
        reason("Illegal unquoted.*code (?:10|13)\\)", "A string has a line break. Write it as \\n");
        reason("Illegal unquoted.*code 9\\)", "A string has a tab. Write it as \\t");
        reason("Illegal unquoted", "A string has a control character. Write it as an escape, such as \\u0001");
        reason("Illegal character", "A control character stands between the values");
        reason("eading zero", "A number begins with 0");
        reason("have plus signs", "A number begins with +");
        reason("numeric value", "A number is not complete");
        reason("^Invalid UTF-(?:8|16|32)", "The text has bytes that are not UTF-8");
        reason("character \\('(.+?)' \\(.*expected a", "A value cannot begin with '%s'");
    }

    private JsonSyntax() {}

    private static void reason(String pattern, String reason) {
        REASONS.put(Pattern.compile(pattern, Pattern.DOTALL), reason);
    }

    static String reason(String message) {
        for (Map.Entry<Pattern, String> entry : REASONS.entrySet()) {
            Matcher found = entry.getKey().matcher(message);
            if (found.find()) {
                String text = found.groupCount() == 0 || found.group(1) == null ? "" : found.group(1);
                return entry.getValue().replace("%s", quote(text));
            }
        }
        return UNKNOWN;
    }

    private static String quote(String text) {
        return ControlCharacters.escape(Cut.marked(text, MAX_QUOTED));
    }
}
