package dev.anneal.dataset.file;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times in the forms that can be read in one way only: ISO 8601 and RFC 1123, numbers of seconds, milliseconds,
 * microseconds or nanoseconds since 1970, and days as Excel counts them.
 */
public final class Times {
    private static final Pattern ISO = Pattern.compile(
            "(\\d{4})(?:([-/])(\\d{1,2})(?:\\2(\\d{1,2})"
                    + "(?:[Tt ]\\s*(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?\\s*(Z|z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)?)?)?)?");
    private static final Pattern COMPACT = Pattern.compile("(\\d{4})(\\d{2})(\\d{2})");
    private static final Pattern NUMBER = Pattern.compile("(-?\\d{1,19})(?:\\.\\d{1,20})?(?:[eE]\\+?(\\d{1,2}))?");
    private static final LocalDate EXCEL = LocalDate.of(1899, 12, 30);
    private static final BigDecimal MICROS_OF_DAY = BigDecimal.valueOf(86_400_000_000L);
    private static final int MAX_LENGTH = 64;

    private Times() {}

    /** Returns the microseconds since 1970 of a time that {@link #read} returned. */
    public static long micros(String time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(time));
    }

    /**
     * Reads a time. Without an offset, it is in UTC.
     *
     * @param cells whether the file consists of cells, in which a number may be days as Excel counts them
     * @return the time in UTC such as 2024-05-31T09:30:00Z, or null if the text is not a time
     */
    static @Nullable String read(String text, boolean cells) {
        String given = text.strip();
        if (given.length() > MAX_LENGTH) {
            return null;
        }
        try {
            Instant time = instant(given, cells);
            return time == null ? null : time.truncatedTo(ChronoUnit.MICROS).toString();
        } catch (DateTimeException | ArithmeticException notATime) {
            return null;
        }
    }

    private static @Nullable Instant instant(String text, boolean cells) {
        Matcher iso = ISO.matcher(text);
        if (iso.matches()) {
            return iso(iso);
        }
        Matcher compact = COMPACT.matcher(text);
        if (compact.matches()) {
            return LocalDate.of(number(compact, 1), number(compact, 2), number(compact, 3))
                    .atStartOfDay()
                    .toInstant(ZoneOffset.UTC);
        }
        if (NUMBER.matcher(text).matches()) {
            return counted(new BigDecimal(text), cells);
        }
        return OffsetDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    }

    private static Instant iso(Matcher iso) {
        LocalDate date = LocalDate.of(number(iso, 1), number(iso, 3), number(iso, 4));
        if (iso.group(5) == null) {
            return date.atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        String fraction = iso.group(8) == null ? "" : iso.group(8);
        int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
        LocalTime time = LocalTime.of(
                Integer.parseInt(iso.group(5)),
                Integer.parseInt(iso.group(6)),
                iso.group(7) == null ? 0 : Integer.parseInt(iso.group(7)),
                nanos);
        String offset = iso.group(9);
        return date.atTime(time)
                .toInstant(
                        offset == null || Character.isLetter(offset.charAt(0))
                                ? ZoneOffset.UTC
                                : ZoneOffset.of(offset));
    }

    private static int number(Matcher matcher, int group) {
        return matcher.group(group) == null ? 1 : Integer.parseInt(matcher.group(group));
    }

    /** Reads a number. How many digits it has before the point tells its unit. */
    private static @Nullable Instant counted(BigDecimal number, boolean cells) {
        int digits = number.abs().setScale(0, RoundingMode.DOWN).toPlainString().length();
        if (cells && digits == 5 && number.signum() > 0) { // days from 1927 to 2173
            long micros = number.multiply(MICROS_OF_DAY)
                    .setScale(0, RoundingMode.HALF_UP)
                    .longValueExact();
            return EXCEL.atStartOfDay().toInstant(ZoneOffset.UTC).plus(micros, ChronoUnit.MICROS);
        }
        int places; // of the decimal point, from seconds
        if (digits >= 9 && digits <= 11) {
            places = 0;
        } else if (digits >= 12 && digits <= 14) {
            places = 3;
        } else if (digits >= 15 && digits <= 17) {
            places = 6;
        } else if (digits >= 18 && digits <= 20) {
            places = 9;
        } else {
            return null;
        }
        long micros = number.movePointLeft(places)
                .movePointRight(6)
                .setScale(0, RoundingMode.FLOOR)
                .longValueExact();
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
