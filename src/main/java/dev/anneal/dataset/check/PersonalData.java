package dev.anneal.dataset.check;

import java.math.BigInteger;
import java.util.Map;

/**
 * Finds what is likely personal data: e-mail addresses, phone numbers, card numbers with a valid Luhn digit, and IBANs with a
 * valid checksum. One pass over the text, without regular expressions.
 */
public final class PersonalData {
    /** A kind of personal data. */
    public enum Kind {
        EMAIL,
        PHONE,
        CARD,
        IBAN
    }

    /** Receives the place of each find. */
    public interface Found {
        void add(Kind kind, int from, int to);
    }

    private static final Map<String, Integer> IBAN_LENGTHS = Map.ofEntries(
            Map.entry("AD", 24),
            Map.entry("AE", 23),
            Map.entry("AL", 28),
            Map.entry("AT", 20),
            Map.entry("AZ", 28),
            Map.entry("BA", 20),
            Map.entry("BE", 16),
            Map.entry("BG", 22),
            Map.entry("BH", 22),
            Map.entry("BR", 29),
            Map.entry("BY", 28),
            Map.entry("CH", 21),
            Map.entry("CR", 22),
            Map.entry("CY", 28),
            Map.entry("CZ", 24),
            Map.entry("DE", 22),
            Map.entry("DK", 18),
            Map.entry("DO", 28),
            Map.entry("EE", 20),
            Map.entry("EG", 29),
            Map.entry("ES", 24),
            Map.entry("FI", 18),
            Map.entry("FO", 18),
            Map.entry("FR", 27),
            Map.entry("GB", 22),
            Map.entry("GE", 22),
            Map.entry("GI", 23),
            Map.entry("GL", 18),
            Map.entry("GR", 27),
            Map.entry("GT", 28),
            Map.entry("HR", 21),
            Map.entry("HU", 28),
            Map.entry("IE", 22),
            Map.entry("IL", 23),
            Map.entry("IQ", 23),
            Map.entry("IS", 26),
            Map.entry("IT", 27),
            Map.entry("JO", 30),
            Map.entry("KW", 30),
            Map.entry("KZ", 20),
            Map.entry("LB", 28),
            Map.entry("LI", 21),
            Map.entry("LT", 20),
            Map.entry("LU", 20),
            Map.entry("LV", 21),
            Map.entry("MC", 27),
            Map.entry("MD", 24),
            Map.entry("ME", 22),
            Map.entry("MK", 19),
            Map.entry("MT", 31),
            Map.entry("MU", 30),
            Map.entry("NL", 18),
            Map.entry("NO", 15),
            Map.entry("PK", 24),
            Map.entry("PL", 28),
            Map.entry("PS", 29),
            Map.entry("PT", 25),
            Map.entry("QA", 29),
            Map.entry("RO", 24),
            Map.entry("RS", 22),
            Map.entry("SA", 24),
            Map.entry("SE", 24),
            Map.entry("SI", 19),
            Map.entry("SK", 24),
            Map.entry("SM", 27),
            Map.entry("TN", 24),
            Map.entry("TR", 26),
            Map.entry("UA", 29),
            Map.entry("VG", 24),
            Map.entry("XK", 20));
    private static final BigInteger NINETY_SEVEN = BigInteger.valueOf(97);
    private static final int MAX_LOCAL = 64;
    private static final int MAX_DOMAIN = 253;
    private static final int MAX_DIGITS = 24;

    private final String text;
    private final Found found;
    private int reported; // where the last find ends

    private PersonalData(String text, Found found) {
        this.text = text;
        this.found = found;
    }

    /** Finds all personal data of the text, in order. */
    public static void find(String text, Found found) {
        new PersonalData(text, found).find();
    }

    private void find() {
        for (int i = 0; i < text.length(); ) {
            char c = text.charAt(i);
            int end = -1;
            if (c == '@') {
                end = email(i);
            } else if (startsWord(i)) {
                if (isDigit(c) || c == '+' || c == '(') {
                    end = number(i);
                } else if (isUpper(c)) {
                    end = iban(i);
                }
            }
            i = Math.max(end, i + 1);
        }
    }

    private void report(Kind kind, int from, int to) {
        found.add(kind, from, to);
        reported = to;
    }

    private boolean startsWord(int i) {
        return i == 0 || !isWord(text.charAt(i - 1));
    }

    /** Reports the address around an at sign, and returns its end, or -1. */
    private int email(int at) {
        int start = at;
        while (start > reported && at - start < MAX_LOCAL && isLocal(text.charAt(start - 1))) {
            start--;
        }
        while (start < at && !isAlphanumeric(text.charAt(start))) {
            start++;
        }
        int end = at + 1;
        int dot = -1;
        while (end < text.length() && end - at < MAX_DOMAIN && isDomain(text.charAt(end))) {
            if (text.charAt(end) == '.') {
                if (text.charAt(end - 1) == '.' || end == at + 1) {
                    break;
                }
                dot = end;
            }
            end++;
        }
        while (end > at + 1 && !isAlphanumeric(text.charAt(end - 1))) {
            end--;
        }
        dot = dot < end ? dot : text.lastIndexOf('.', end - 1);
        if (start == at || dot <= at + 1 || end - dot < 3 || !isLetters(dot + 1, end)) {
            return -1;
        }
        report(Kind.EMAIL, start, end);
        return end;
    }

    /** Reports the card number or phone number that begins here. Returns the end of the number, whatever it is, or -1. */
    private int number(int start) {
        char[] digits = new char[MAX_DIGITS];
        int[] ends = new int[MAX_DIGITS];
        int count = 0;
        StringBuilder shape = new StringBuilder(); // the lengths of the groups of digits
        StringBuilder separators = new StringBuilder();
        int group = 0;
        int end = start;
        int i = text.charAt(start) == '+' ? start + 1 : start;
        for (; i < text.length() && count < MAX_DIGITS; i++) {
            char c = text.charAt(i);
            if (isDigit(c)) {
                end = i + 1;
                ends[count] = end;
                digits[count++] = c;
                group++;
            } else if (isSeparator(c) && i + 1 < text.length() && continues(i)) {
                if (group > 0) {
                    shape.append((char) ('0' + Math.min(group, 9)));
                }
                separators.append(c);
                group = 0;
            } else {
                break;
            }
        }
        shape.append((char) ('0' + Math.min(group, 9)));
        if (count == 0 || count >= MAX_DIGITS || end < text.length() && isWord(text.charAt(end))) {
            return end > start ? end : -1;
        }
        String number = new String(digits, 0, count);
        // A date or a code may follow a card number in groups of four.
        if (count > 16 && shape.toString().startsWith("4444")) {
            number = number.substring(0, 16);
            end = ends[15];
            separators.setLength(3);
        }
        if (isCard(number, separators, start)) {
            report(Kind.CARD, start, end);
        } else if (isPhone(number, shape.toString(), separators, text.charAt(start) == '+')) {
            report(Kind.PHONE, start, end);
        }
        return end;
    }

    /** Returns whether a digit follows a separator, perhaps after one more, as in ") ". */
    private boolean continues(int i) {
        char next = text.charAt(i + 1);
        char last = text.charAt(i);
        return isDigit(next)
                || (next == '(' || next == ' ' && last == ')' || next == '-' && last == ')')
                        && i + 2 < text.length()
                        && isDigit(text.charAt(i + 2));
    }

    private boolean isCard(String number, CharSequence separators, int start) {
        if (number.length() < 13 || number.length() > 19 || "23456".indexOf(number.charAt(0)) < 0) {
            return false;
        }
        if (!isDigit(text.charAt(start))
                || separators.chars().anyMatch(c -> c != separators.charAt(0) || c != ' ' && c != '-')) {
            return false;
        }
        int sum = 0;
        boolean differ = false;
        for (int i = 0; i < number.length(); i++) {
            int digit = number.charAt(number.length() - 1 - i) - '0';
            int twice = i % 2 == 0 ? digit : digit * 2;
            sum += twice > 9 ? twice - 9 : twice;
            differ |= number.charAt(i) != number.charAt(0);
        }
        return differ && sum % 10 == 0;
    }

    /**
     * Returns whether a number is written like a phone number: with a country code, as 555-123-4567, or with a leading 0 and
     * in groups.
     */
    private static boolean isPhone(String number, String shape, CharSequence separators, boolean international) {
        int count = number.length();
        if (international) {
            return count >= 8 && count <= 15 && number.charAt(0) != '0';
        }
        boolean spaced = separators.length() > 0;
        if (shape.equals("334") && count == 10) {
            return spaced && number.charAt(0) >= '2' && number.charAt(3) >= '2';
        }
        boolean decimal = separators.chars().anyMatch(c -> c == '.');
        boolean grouped = shape.chars().noneMatch(length -> length < '2');
        return spaced
                && grouped
                && !decimal
                && number.charAt(0) == '0'
                && number.charAt(1) != '0'
                && count >= 10
                && count <= 12;
    }

    /** Reports the IBAN that begins here, and returns its end, or -1. */
    private int iban(int start) {
        if (start + 15 > text.length()
                || !isUpper(text.charAt(start + 1))
                || !isDigit(text.charAt(start + 2))
                || !isDigit(text.charAt(start + 3))) {
            return -1;
        }
        Integer length = IBAN_LENGTHS.get(text.substring(start, start + 2));
        if (length == null) {
            return -1;
        }
        StringBuilder code = new StringBuilder();
        int i = start;
        for (; i < text.length() && code.length() < length; i++) {
            char c = text.charAt(i);
            if (isUpper(c) || isDigit(c)) {
                code.append(c);
            } else if (c != ' ' || text.charAt(i - 1) == ' ') {
                return -1;
            }
        }
        if (code.length() < length || i < text.length() && isWord(text.charAt(i)) || !isValid(code)) {
            return -1;
        }
        report(Kind.IBAN, start, i);
        return i;
    }

    private static boolean isValid(StringBuilder code) {
        StringBuilder number = new StringBuilder();
        for (int i = 0; i < code.length(); i++) {
            number.append(Character.digit(code.charAt((i + 4) % code.length()), 36));
        }
        return new BigInteger(number.toString()).mod(NINETY_SEVEN).intValue() == 1;
    }

    private boolean isLetters(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isLetter(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    private static boolean isLetter(char c) {
        return isUpper(c) || c >= 'a' && c <= 'z';
    }

    private static boolean isAlphanumeric(char c) {
        return isLetter(c) || isDigit(c);
    }

    /** Returns whether a character is a part of a word, so that a number next to it is none. */
    private static boolean isWord(char c) {
        return isAlphanumeric(c) || c == '_' || c >= 128 && Character.isLetterOrDigit(c);
    }

    private static boolean isLocal(char c) {
        return isAlphanumeric(c) || "._%+-".indexOf(c) >= 0;
    }

    private static boolean isDomain(char c) {
        return isAlphanumeric(c) || c == '.' || c == '-';
    }

    private static boolean isSeparator(char c) {
        return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
    }
}
