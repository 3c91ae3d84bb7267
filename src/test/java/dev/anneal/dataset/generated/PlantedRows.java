package dev.anneal.dataset.generated;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Random rows into which problems are planted, each into its own rows. A row knows its place once it is written. */
final class PlantedRows {
    static final int EACH = 100;
    static final List<String> LABELS = List.of("amber", "birch", "cedar", "dahlia");
    /** Stands for a byte that is not UTF-8. */
    static final char BAD_BYTE = '\uE000';
    /** The place of a problem of the whole dataset. */
    static final String WHOLE = "-";

    private static final int MOST = 100_000;
    private static final List<String> SENTENCES = sentences(new Random(11));

    /** A row before it is written. */
    static final class Row {
        final int index;
        String text;
        String answer;
        String label;
        String split;
        /** Changes the row as it is written. */
        UnaryOperator<String> raw = same -> same;
        /** The lines from the start of the row to its problem. */
        int offset;

        String place = "";

        Row(int index) {
            this.index = index;
            this.text = SENTENCES.get(index);
            this.answer = SENTENCES.get((7 * index + 13) % MOST);
            this.label = LABELS.get(index % LABELS.size());
            this.split = index % 10 == 8 ? "validation" : index % 10 == 9 ? "test" : "train";
        }

        /** Returns the value of a column that gives the label away. */
        String code() {
            return "c" + label;
        }

        /** Returns the text on one line. */
        String line() {
            return text.replace('\n', ' ');
        }

        void repeat(Row other) {
            text = other.text;
            answer = other.answer;
            label = other.label;
        }
    }

    private final Random random = new Random(12);
    private final List<Row> rows = new ArrayList<>();
    private final List<Row> free = new ArrayList<>();
    private final Map<String, List<Row>> errors = new TreeMap<>();
    private final Map<String, List<Row>> warnings = new TreeMap<>();
    private final Set<String> whole = new TreeSet<>();

    PlantedRows(int count) {
        for (int i = 0; i < count; i++) {
            rows.add(new Row(i));
        }
        free.addAll(rows);
        Collections.shuffle(free, random);
    }

    /** Returns texts of random words, of which some have two lines. */
    private static List<String> sentences(Random random) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder word = new StringBuilder();
            for (int letters = 2 + random.nextInt(8); letters > 0; letters--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            words.add(word.toString());
        }
        List<String> sentences = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            StringBuilder text = new StringBuilder();
            int count = 9 + random.nextInt(8);
            for (int j = 0; j < count; j++) {
                text.append(j == 0 ? "" : j == count / 3 && i % 10 == 0 ? "\n" : " ");
                text.append(words.get(random.nextInt(words.size())));
            }
            sentences.add(text.toString());
        }
        return sentences;
    }

    List<Row> all() {
        return rows;
    }

    List<Row> of(String split) {
        return rows.stream().filter(row -> row.split.equals(split)).toList();
    }

    /** Takes a row of a split that nothing else is planted in. */
    private Row take(String split) {
        for (int i = free.size() - 1; ; i--) {
            if (free.get(i).split.equals(split)) {
                return free.remove(i);
            }
        }
    }

    /** Plants an error into rows of any split. */
    void error(String code, Consumer<Row> change) {
        error(code, EACH, change);
    }

    void error(String code, int count, Consumer<Row> change) {
        for (int i = 0; i < count; i++) {
            plant(errors, code, free.remove(free.size() - 1), change);
        }
    }

    /** Plants an error into the last row. */
    void lastError(String code, Consumer<Row> change) {
        Row last = rows.get(rows.size() - 1);
        if (!free.remove(last)) {
            throw new IllegalStateException("plant it first");
        }
        plant(errors, code, last, change);
    }

    private static void plant(Map<String, List<Row>> planted, String code, Row row, Consumer<Row> change) {
        change.accept(row);
        planted.computeIfAbsent(code, key -> new ArrayList<>()).add(row);
    }

    /** Plants a warning into rows of a split. */
    void warning(String code, String split, Consumer<Row> change) {
        warning(code, split, EACH, change);
    }

    void warning(String code, String split, int count, Consumer<Row> change) {
        for (int i = 0; i < count; i++) {
            plant(warnings, code, take(split), change);
        }
    }

    /** Plants a warning into rows of a split, each of which is given with an earlier training row. */
    private void pair(String code, String split, BiConsumer<Row, Row> change) {
        for (int i = 0; i < EACH; i++) {
            Row one = take("train");
            Row other = take(split);
            boolean swapped = split.equals("train") && one.index > other.index;
            Row earlier = swapped ? other : one;
            plant(warnings, code, swapped ? one : other, later -> change.accept(later, earlier));
        }
    }

    /** Says that the dataset as a whole has a warning. */
    void whole(String code) {
        whole.add(code);
    }

    void plantRepetitions() {
        pair("duplicate", "train", Row::repeat);
        pair("leakage", "test", (row, training) -> {
            row.text = training.text;
            row.answer = training.answer;
        });
        pair("near_duplicate", "train", (later, earlier) -> {
            earlier.text = longText();
            later.repeat(earlier);
            later.text = almost(earlier.text);
        });
        pair("near_leakage", "validation", (row, training) -> {
            training.text = longText();
            row.answer = training.answer;
            row.text = almost(training.text);
        });
    }

    /**
     * Plants characters and personal data.
     *
     * @param spaced whether a phone number may have spaces in it
     */
    void plantTexts(boolean spaced) {
        warning("control_character", "train", row -> row.text = insert(row.text, "\u0007"));
        warning("broken_unicode", "test", row -> row.text = insert(row.text, "caf\ufffd"));
        warning("personal_email", "train", row -> row.text = insert(row.text, "j." + digits(3) + "@example.org"));
        warning("personal_phone", "test", row -> {
            String number = "+44 20 7" + digits(3) + " 0958";
            row.text = insert(row.text, spaced ? number : number.replace(" ", ""));
        });
        warning("personal_card", "train", row -> row.text = insert(row.text, card()));
        warning("personal_iban", "train", row -> row.text = insert(row.text, iban()));
    }

    /** Plants a repeated text whose row has another label, or other tags. */
    void plantConflicts() {
        pair("conflicting_label", "train", (later, earlier) -> {
            later.text = earlier.text;
            earlier.label = "amber"; // the file of this label, if each has one, comes before the other
            later.label = "birch";
        });
    }

    /** Plants other spellings of a label, and a label that is rare. */
    void plantLabels(String... spellings) {
        warning("label_spelling", "train", row -> row.label = spellings[random.nextInt(spellings.length)]);
        for (int i = 0; i < 5; i++) {
            take("train").label = "elder";
        }
        whole("rare_label");
        whole("imbalance");
    }

    String insert(String text, String part) {
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
                - new BigInteger(account + "131400").mod(BigInteger.valueOf(97)).intValue();
        return "DE" + (check < 10 ? "0" : "") + check + account;
    }

    /** Returns the text with one letter changed in the middle, which leaves more than 80 % of the shingles of a long text. */
    private static String almost(String text) {
        int place = text.length() / 2;
        return text.substring(0, place) + (text.charAt(place) == 'z' ? 'y' : 'z') + text.substring(place + 1);
    }

    private String longText() {
        return SENTENCES.get(random.nextInt(MOST)) + " " + SENTENCES.get(random.nextInt(MOST)) + " " + digits(5);
    }

    /** Returns the places of the errors by their codes. */
    Map<String, Set<String>> errors() {
        return places(errors);
    }

    /** Returns the places of the warnings by their codes. */
    Map<String, Set<String>> warnings() {
        Map<String, Set<String>> places = places(warnings);
        whole.forEach(code -> places.put(code, Set.of(WHOLE)));
        return places;
    }

    private static Map<String, Set<String>> places(Map<String, List<Row>> planted) {
        Map<String, Set<String>> places = new TreeMap<>();
        planted.forEach((code, of) ->
                places.put(code, of.stream().map(row -> row.place).collect(Collectors.toCollection(TreeSet::new))));
        return places;
    }
}
