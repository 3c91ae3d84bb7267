package dev.anneal.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.pattern.EnsureExceptionHandling;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.pattern.Converter;
import ch.qos.logback.core.pattern.ConverterUtil;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Escapes control characters in the messages and stack traces of the log, whatever its pattern. A name with a line break would
 * otherwise forge a line, and one with an escape sequence would control the terminal that shows the log. Logs in JSON escape
 * them anyway.
 */
final class LogEscapes implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {
    /** Right after Spring has set up the log. */
    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER + 1;
    }

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.iteratorForAppenders().forEachRemaining(appender -> {
            if (appender instanceof OutputStreamAppender<ILoggingEvent> output
                    && output.getEncoder() instanceof LayoutWrappingEncoder<ILoggingEvent> encoder
                    && encoder.getLayout() instanceof PatternLayout layout) {
                install(layout);
            }
        });
    }

    static void install(PatternLayout layout) {
        for (String word : new String[] {"m", "msg", "message"}) {
            layout.getInstanceConverterMap().put(word, EscapedMessage::new);
        }
        for (String word :
                new String[] {"ex", "exception", "throwable", "xEx", "xException", "xThrowable", "wEx", "wex"}) {
            layout.getInstanceConverterMap().put(word, EscapedThrowable::new);
        }
        layout.setPostCompileProcessor(LogEscapes::appendThrowable);
        layout.stop();
        layout.start();
    }

    /** Does what Logback does for a pattern without a stack trace, with ours. */
    private static void appendThrowable(Context context, Converter<ILoggingEvent> head) {
        if (!new EnsureExceptionHandling().chainHandlesThrowable(head)) {
            ConverterUtil.findTail(head).setNext(new EscapedThrowable());
        }
    }
}
