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
                String path = request.getRequestURI();
                ProblemWriter.write(ErrorPageController.problem(status, path == null ? "/" : path), request, response);
                response.finishResponse();
            } catch (IOException gone) {
                // the client has disconnected
            }
        }
    }
}
