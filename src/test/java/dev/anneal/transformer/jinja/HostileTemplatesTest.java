package dev.anneal.transformer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HostileTemplatesTest {
    private static final List<Map<String, Object>> CHAT =
            List.of(message("system", "Be brief."), message("user", "Two plus two? 🙂"), message("assistant", "Four."));

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    /** Returns the message of the fault, or null if the template renders. */
    private static String fault(String source) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", CHAT);
        variables.put("add_generation_prompt", true);
        variables.put("tools", null);
        variables.put("bos_token", "<s>");
        try {
            Template.of(source).render(variables);
            return null;
        } catch (JinjaException e) {
            return e.getMessage();
        } catch (Throwable other) {
            return fail(shown(source) + " ends with " + other, other);
        }
    }

    /** Other programs on the machine do not change the time of this thread. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static String shown(String source) {
        return source.length() > 300 ? source.substring(0, 300) + "… (" + source.length() + " characters)" : source;
    }

    private static void eachIsAnswered(Stream<String> sources) {
        sources.forEach(source -> {
            long start = cpuNanos();
            String fault = fault(source);
            assertThat((cpuNanos() - start) / 1_000_000)
                    .as("milliseconds for " + shown(source))
                    .isLessThan(5_000);
            if (fault != null) {
                assertThat(fault).as(shown(source)).hasSizeLessThan(400).doesNotContain("java.", "Exception");
                assertThat(fault.chars().noneMatch(c -> c < ' ')).as(fault).isTrue();
            }
        });
    }

    @Test
    void valuesOfWrongTypesAreFaultsOfTheTemplate() {
        eachIsAnswered(HostileTemplates.wrongTypes());
    }

    @Test
    void brokenTemplatesAreFaultsOfTheTemplate() {
        eachIsAnswered(HostileTemplates.mutations(1).limit(10_000));
    }

    @Test
    void templatesThatNeedMuchTimeMemoryOrStackAreAnsweredSoon() {
        eachIsAnswered(HostileTemplates.greedy());
    }

    @Test
    void aFaultNamesTheLineInWhichItIs() {
        for (String expression : List.of(
                "{{ 99999999999999999999 }}",
                "{{ messages.99999999999999999999 }}",
                "{{ 1 // 0 }}",
                "{{ range | tojson }}",
                "{{ 'a'.split('') }}",
                "{{ 9223372036854775807 + 1 }}",
                "{{ [1] | map('nothing') }}",
                "{{ 'a' | replace('b') }}",
                "{{ " + "(".repeat(5000) + " }}")) {
            assertThat(fault("a\n\n" + expression + "\n")).as(expression).startsWith("line 3: ");
        }
    }

    @Test
    void theTimeForATemplateGrowsWithItsLengthOnly() {
        // Twenty times this template took 36 seconds when lines were counted from the start for each token.
        String sum = "{{ 1" + "+1".repeat(120_000) + " }}";
        long start = cpuNanos();
        assertThat(fault(sum)).isNull();
        assertThat((cpuNanos() - start) / 1_000_000).isLessThan(2_000);
    }

    @Test
    void aTemplateOfMoreThanHalfAMegabyteIsRefused() {
        assertThat(fault("a".repeat(600_000))).contains("the template has 600000 characters");
    }
}
