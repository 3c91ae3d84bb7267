package dev.anneal.log;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.anneal.text.ControlCharacters;
import java.util.stream.Collectors;

/** The message in one line. Only Spring's report of a failed start, which quotes no requests, keeps its lines. */
final class EscapedMessage extends MessageConverter {
    private static final String FAILED_START = "org.springframework.boot.diagnostics.LoggingFailureAnalysisReporter";

    @Override
    public String convert(ILoggingEvent event) {
        String message = super.convert(event);
        if (message == null) {
            return "";
        }
        return event.getLoggerName().equals(FAILED_START)
                ? message.lines().map(ControlCharacters::escape).collect(Collectors.joining("\n"))
                : ControlCharacters.escape(message);
    }
}
