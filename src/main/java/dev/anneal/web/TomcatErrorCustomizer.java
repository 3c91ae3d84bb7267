package dev.anneal.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Answers with a problem, instead of Tomcat's error page, if Tomcat refuses a request before any filter sees it. */
@Component
class TomcatErrorCustomizer implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    @Override
    public void customize(ConfigurableTomcatWebServerFactory factory) {
        factory.addContextCustomizers(
                context -> context.getParent().getPipeline().addValve(new Report()));
    }

    private static final class Report extends ErrorReportValve {
        @Override
        protected void report(Request request, Response response, Throwable fault) {
            HttpStatus status = HttpStatus.resolve(response.getStatus());
            if (status == null
                    || !status.isError()
                    || response.getContentWritten() > 0
                    || !response.setErrorReported()) {
                return;
            }
            SecurityHeaders.set(response, request.isSecure());
            try {
                ProblemWriter.write(problem(status, request), request, response);
                response.finishResponse();
            } catch (IOException gone) {
                // the client has disconnected
            }
        }

        /** Tomcat answers 501 or 505 to a method, an encoding or a version that it does not support: a mistake of the client. */
        private static Problem problem(HttpStatus status, Request request) {
            String path = request.getRequestURI();
            return switch (status) {
                case NOT_IMPLEMENTED ->
                    unsupported(
                            "CONNECT".equals(request.getMethod())
                                    ? "The method CONNECT is for proxies, and this server is not a proxy. Remove it from the proxy settings of your client."
                                    : "The server does not support the Transfer-Encoding '%s'. Send 'Transfer-Encoding: chunked', or a Content-Length."
                                            .formatted(Problem.quote(request.getHeader("Transfer-Encoding"))));
                case HTTP_VERSION_NOT_SUPPORTED ->
                    unsupported("The server does not support this version of HTTP. Send HTTP/1.1.");
                default -> ErrorPageController.problem(status, path == null ? "/" : path);
            };
        }

        private static Problem unsupported(String detail) {
            return new Problem(HttpStatus.BAD_REQUEST, "bad_request", detail);
        }
    }
}
