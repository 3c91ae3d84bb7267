package dev.anneal.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.ServerTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Plants problems at known lines of large files. The check finds all of them, and nothing else. */
@ServerTest
@Timeout(300)
class PlantedProblemsTest {
    private static final int ROWS = 100_000;
    private static final int EACH = 150;
    private static final List<String> LABELS = List.of("amber", "birch", "cedar", "dahlia");

    @Autowired
    Api api;

    /** A row of the file. The column {@code code} has one label for each of its values. */
    private static final class Line {
        private String text;
        private String label;
        private String split;
        private String code;
        private String raw;

        String csv() {
            return raw != null ? raw : "\"" + text + "\"," + label + "," + split + "," + code;
        }
    }

    private final Random random = new Random(11);
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Set<Integer>> planted = new TreeMap<>();
    private final List<Integer> free = new ArrayList<>();

    private void makeRows() {
        for (int i = 0; i < ROWS; i++) {
            Line line = new Line();
            line.text = sentence();
            line.label = LABELS.get(i % LABELS.size());
            line.split = i % 10 == 8 ? "validation" : i % 10 == 9 ? "test" : "train";
            line.code = "c" + i % LABELS.size();
            lines.add(line);
            free.add(i);
        }
        java.util.Collections.shuffle(free, random);
    }

    private String sentence() {
        StringBuilder text = new StringBuilder();
        for (int words = 9 + random.nextInt(8); words > 0; words--) {
            text.append(text.isEmpty() ? "" : " ");
            for (int letters = 2 + random.nextInt(7); letters > 0; letters--) {
                text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }

    /** Takes a row that nothing else is planted in. */
    private int take(String split) {
        for (int i = free.size() - 1; ; i--) {
            if (lines.get(free.get(i)).split.equals(split)) {
                return free.remove(i);
            }
        }
    }

    /** Plants a problem into some rows, each of which is given with an earlier training row. */
    private void plant(String code, String split, BiConsumer<Line, Line> change) {
        for (int i = 0; i < EACH; i++) {
            int one = take("train");
            int other = take(split);
            int later = split.equals("train") ? Math.max(one, other) : other;
            change.accept(lines.get(later), lines.get(later == one ? other : one));
            planted.computeIfAbsent(code, key -> new TreeSet<>()).add(later + 2);
        }
    }

    private String insert(String text, String part) {
        int space = text.indexOf(' ', random.nextInt(text.length() / 2));
        return text.substring(0, space) + " " + part + text.substring(space);
    }

    private String digits(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }

    private String card() {
        String number = "4" + digits(14);
        for (char last = '0'; ; last++) {
            int sum = 0;
            for (int i = 0; i < 16; i++) {
                int digit = (i == 15 ? last : number.charAt(i)) - '0';
                int twice = i % 2 == 0 ? digit * 2 : digit;
                sum += twice > 9 ? twice - 9 : twice;
            }
            if (sum % 10 == 0) {
                return number + last;
            }
        }
    }

    private String iban() {
        String account = digits(18);
        int check = 98
                - new java.math.BigInteger(account + "131400")
                        .mod(java.math.BigInteger.valueOf(97))
                        .intValue();
        return "DE" + (check < 10 ? "0" : "") + check + account;
    }

    /** Returns the text with one letter changed in the middle, which leaves more than 80 % of the shingles of a long text. */
    private static String almost(String text) {
        int place = text.length() / 2;
        return text.substring(0, place) + (text.charAt(place) == 'z' ? 'y' : 'z') + text.substring(place + 1);
    }

    private String longText() {
        return sentence() + " " + sentence();
    }

    private Answer check() {
        StringBuilder csv = new StringBuilder("text,label,split,code\n");
        lines.forEach(line -> csv.append(line.csv()).append('\n'));
        byte[] file = csv.toString().getBytes(UTF_8);
        for (int i = 0; i < file.length; i++) {
            file[i] = file[i] == 1 ? (byte) 0xe9 : file[i]; // not UTF-8
        }
        Answer answer = api.uploadTo("/api/v1/datasets/check", "planted.csv", file, Map.of());
        assertThat(answer.status()).as("%s", answer.json()).isEqualTo(200);
        return answer;
    }

    private static Map<String, Set<Integer>> found(Answer report, String severity) {
        Map<String, Set<Integer>> found = new TreeMap<>();
        for (JsonNode problem : report.json().get("problems")) {
            if (problem.get("severity").asString().equals(severity)) {
                found.computeIfAbsent(problem.get("code").asString(), code -> new TreeSet<>())
                        .add(problem.get("line").asInt(0));
            }
        }
        return found;
    }

    /** Returns the lines that are found but not planted, and those that are planted but not found, by code. */
    private List<String> differences(Map<String, Set<Integer>> found) {
        List<String> differences = new ArrayList<>();
        Set<String> codes = new TreeSet<>(found.keySet());
        codes.addAll(planted.keySet());
        for (String code : codes) {
            Set<Integer> more = new TreeSet<>(found.getOrDefault(code, Set.of()));
            Set<Integer> missing = new TreeSet<>(planted.getOrDefault(code, Set.of()));
            more.removeAll(planted.getOrDefault(code, Set.of()));
            missing.removeAll(found.getOrDefault(code, Set.of()));
            if (!more.isEmpty() || !missing.isEmpty()) {
                differences.add(code + ": not planted " + more + ", not found " + missing);
            }
        }
        return differences;
    }

    @Test
    void eachWarningIsAtTheLinesWhereItsCauseIsPlanted() {
        makeRows();
        plant("duplicate", "train", (later, earlier) -> {
            later.text = earlier.text;
            later.label = earlier.label;
            later.code = earlier.code;
        });
        plant("conflicting_label", "train", (later, earlier) -> {
            later.text = earlier.text;
            later.label = earlier.label.equals("amber") ? "birch" : "amber";
            later.code = earlier.label.equals("amber") ? "c1" : "c0";
        });
        plant("leakage", "test", (row, training) -> row.text = training.text);
        plant("near_duplicate", "train", (later, earlier) -> {
            earlier.text = longText();
            later.text = almost(earlier.text);
        });
        plant("near_leakage", "validation", (row, training) -> {
            training.text = longText();
            row.text = almost(training.text);
        });
        plant("label_spelling", "train", (row, other) -> {
            row.label = List.of("Cedar", "CEDAR", "\uff43edar").get(random.nextInt(3));
            row.code = "c2" + row.label.hashCode();
        });
        plant("control_character", "train", (row, other) -> row.text = insert(row.text, "\u0007"));
        plant("broken_unicode", "test", (row, other) -> row.text = insert(row.text, "caf\ufffd"));
        plant(
                "personal_email",
                "train",
                (row, other) -> row.text = insert(row.text, "j." + digits(3) + "@example.org"));
        plant("personal_phone", "test", (row, other) -> row.text = insert(row.text, "+44 20 7" + digits(3) + " 0958"));
        plant("personal_card", "train", (row, other) -> row.text = insert(row.text, card()));
        plant("personal_iban", "train", (row, other) -> row.text = insert(row.text, iban()));
        for (int i = 0; i < 5; i++) {
            Line rare = lines.get(take("train"));
            rare.label = "elder";
            rare.code = "c4";
        }
        int header = take("train");
        lines.get(header).raw = "text,label,split,code";
        planted.put("repeated_header", Set.of(header + 2));
        for (String whole : List.of("rare_label", "imbalance", "column_reveals_label")) {
            planted.put(whole, Set.of(0));
        }

        Answer report = check();

        Map<String, Set<Integer>> found = found(report, "warning");
        for (String near : List.of("near_duplicate", "near_leakage")) {
            Set<Integer> both = new HashSet<>(found.get(near));
            both.retainAll(planted.get(near));
            assertThat(both.size()).as("recall of " + near).isGreaterThanOrEqualTo(EACH * 95 / 100);
            assertThat(both.size() * 100 / found.get(near).size())
                    .as("precision of " + near)
                    .isGreaterThanOrEqualTo(95);
            found.remove(near);
            planted.remove(near);
        }
        assertThat(differences(found)).isEmpty();
        assertThat(report.text("status")).isEqualTo("ready");
        assertThat(report.json().get("problem_count").asInt()).isZero();
    }

    @Test
    void eachErrorIsAtTheLineWhereItsCauseIsPlanted() {
        makeRows();
        plant("wrong_field_count", "train", (row, other) -> row.raw = row.csv() + ",more");
        plant("empty_text", "test", (row, other) -> row.text = " ");
        plant("empty_label", "train", (row, other) -> row.label = "");
        plant("label_too_long", "train", (row, other) -> row.label = "l".repeat(201));
        plant("unknown_split", "validation", (row, other) -> row.split = "trian");
        plant("null_byte", "train", (row, other) -> row.text = insert(row.text, "\0"));
        plant("invalid_utf8", "train", (row, other) -> row.text = insert(row.text, "caf\1"));

        Answer report = check();

        assertThat(differences(found(report, "error"))).isEmpty();
        assertThat(found(report, "warning").keySet()).containsExactly("column_reveals_label");
        assertThat(report.text("status")).isEqualTo("rejected");
    }

    @Test
    void labelsThatCannotBeTrainedOnAreAtTheirLines() {
        makeRows();
        plant("label_not_in_train", "test", (row, other) -> row.label = "unseen");
        for (int i = 0; i < 20; i++) {
            int row = take("train");
            lines.get(row).label = "single" + i;
            planted.computeIfAbsent("label_too_rare", key -> new TreeSet<>()).add(row + 2);
        }

        assertThat(differences(found(check(), "error"))).isEmpty();
    }
}
