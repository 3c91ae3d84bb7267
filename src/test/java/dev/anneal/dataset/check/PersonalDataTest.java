package dev.anneal.dataset.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PersonalDataTest {
    private static List<String> find(String text) {
        List<String> found = new ArrayList<>();
        PersonalData.find(text, (kind, from, to) -> found.add(kind + " " + text.substring(from, to)));
        return found;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Write to ann.lee+x@mail.example.org.       | EMAIL ann.lee+x@mail.example.org
            <bob_2@example.co.uk>, please              | EMAIL bob_2@example.co.uk
            Call +44 20 7946 0958 today                | PHONE +44 20 7946 0958
            Call +1 (555) 234-5678.                    | PHONE +1 (555) 234-5678
            my number is (555) 234-5678!               | PHONE (555) 234-5678
            555-234-5678 or nothing                    | PHONE 555-234-5678
            j.123@example.org                          | EMAIL j.123@example.org
            555.234.5678                               | PHONE 555.234.5678
            Tel. 030 1234 5678                         | PHONE 030 1234 5678
            0171-1234567                               | PHONE 0171-1234567
            06 12 34 56 78                             | PHONE 06 12 34 56 78
            card 4111 1111 1111 1111 12/27             | CARD 4111 1111 1111 1111
            card 4111111111111111, thanks              | CARD 4111111111111111
            5500-0000-0000-0004                        | CARD 5500-0000-0000-0004
            3782 822463 10005                          | CARD 3782 822463 10005
            pay to DE89 3704 0044 0532 0130 00 now     | IBAN DE89 3704 0044 0532 0130 00
            GB82WEST12345698765432                     | IBAN GB82WEST12345698765432
            """)
    void personalDataIsFound(String text, String found) {
        assertThat(find(text)).containsExactly(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@ann said so",
                "a @ b.c",
                "me@home",
                "a@b..com",
                "In 2024-01-15 10:30 we met",
                "15.01.2024 and 16.01.2024",
                "0 1 2 3 4 5 6 7 8 9",
                "0.1234567890",
                "3.14159265358979",
                "ISBN 978-3-16-148410-0",
                "192.168.100.123",
                "4111 1111 1111 1112",
                "0000000000000000",
                "DE89 3704 0044 0532 0130 01",
                "XX89 3704 0044 0532 0130 00",
                "order 1234567890123",
                "1,234,567,890",
                "12345678901234567890123456789",
                "id4111111111111111",
                "100 200 3000",
            })
    void otherTextIsNot(String text) {
        assertThat(find(text)).isEmpty();
    }

    @Test
    void severalFindsAreInOrder() {
        assertThat(find("a@b.de, c@d.fr: +49 30 1234567; GB82WEST12345698765432"))
                .containsExactly("EMAIL a@b.de", "EMAIL c@d.fr", "PHONE +49 30 1234567", "IBAN GB82WEST12345698765432");
    }

    @Test
    void findsOfRandomTextAreWithinItAndDoNotOverlap() {
        Random random = new Random(1);
        String characters = "@.+-() 0123456789aZDE89_é\t/";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i > 0; i--) {
                text.append(characters.charAt(random.nextInt(characters.length())));
            }
            int[] last = {0};
            PersonalData.find(text.toString(), (kind, from, to) -> {
                assertThat(from).as("%s", text).isGreaterThanOrEqualTo(last[0]);
                assertThat(to).as("%s", text).isGreaterThan(from).isLessThanOrEqualTo(text.length());
                last[0] = to;
            });
        }
    }

    @Test
    void aLongTextTakesTimeInProportionToItsLength() {
        for (String part : List.of("a.", "1 ", "@", "a@", "DE89 ", "+", "(1)")) {
            long start = System.nanoTime();
            find(part.repeat(500_000));
            assertThat(System.nanoTime() - start).as(part).isLessThan(5_000_000_000L);
        }
    }
}
