package dev.anneal.inference;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Lets a request ask whether its client has closed the connection. Tomcat itself notices this only when it reads or writes, and
 * it does neither while a request waits for its answer.
 */
@Component
class ConnectionValve implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    private static final String ATTRIBUTE = ConnectionValve.class.getName();

    @Override
    public void customize(ConfigurableTomcatWebServerFactory tomcat) {
        tomcat.addEngineValves(new Ask());
    }

    /**
     * Returns what tells whether the client has closed the connection. It must be called only while the request waits, and after
     * its body was read.
     */
    static BooleanSupplier of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof BooleanSupplier known ? known : () -> false;
    }

    private static final class Ask extends ValveBase {
        Ask() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            request.setAttribute(ATTRIBUTE, (BooleanSupplier) () -> isClosed(request.getCoyoteRequest()));
            getNext().invoke(request, response);
        }

        /**
         * Lets Tomcat read what the client has sent, without waiting. At the end of the connection it reports one byte, so that a
         * read would find the end. A next request of the client, which may come early, has more.
         */
        private static boolean isClosed(org.apache.coyote.Request request) {
            request.action(ActionCode.AVAILABLE, true);
            return request.getAvailable() == 1;
        }
    }
}
