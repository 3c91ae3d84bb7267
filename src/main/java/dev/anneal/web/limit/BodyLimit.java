package dev.anneal.web.limit;

import dev.anneal.web.MediaTypes;
import dev.anneal.web.Problem;
import dev.anneal.web.ProblemWriter;
import dev.anneal.web.RateLimitKey;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * Limits the size of bodies that are read into memory (JSON), and the bodies that a project has on the way. It runs after the
 * check of the key. Uploads are multipart, go to disk and have another limit. Tomcat would write a multipart body to disk for
 * any path, so it is refused for operations that accept no files.
 */
@Component
class BodyLimit extends OncePerRequestFilter {
    private static final List<PathPattern> UPLOADS = List.of(
            PathPatternParser.defaultInstance.parse("/api/v1/datasets"),
            PathPatternParser.defaultInstance.parse("/api/v1/datasets/check"),
            PathPatternParser.defaultInstance.parse("/api/v1/datasets/check.csv"),
            PathPatternParser.defaultInstance.parse("/api/v1/predictions/upload"),
            PathPatternParser.defaultInstance.parse("/api/v1/models"),
            PathPatternParser.defaultInstance.parse("/api/v1/models/upload"));

    private static final PathPattern PART = PathPatternParser.defaultInstance.parse("/api/v1/uploads/{id}");

    private final long limit;
    private final BodiesInFlight bodies;

    BodyLimit(RequestSettings settings, BodiesInFlight bodies) {
        this.limit = settings.maxSize().toBytes();
        this.bodies = bodies;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String type = request.getContentType();
        boolean multipart = type != null && type.toLowerCase().startsWith("multipart/");
        if (multipart && !isUpload(request)) {
            ProblemWriter.write(MediaTypes.unsupported(type, List.of(MediaType.APPLICATION_JSON)), request, response);
            return;
        }
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            ProblemWriter.write(MediaTypes.unsupportedEncoding(encoding), request, response);
            return;
        }
        if (!hasBody(request)) {
            chain.doFilter(request, response);
            return;
        }
        String project = RateLimitKey.share(request);
        ArrivingBody body;
        try {
            body = ArrivingBody.begin(bodies, project, request);
        } catch (Problem tooMany) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "1");
            ProblemWriter.write(tooMany, request, response);
            return;
        }
        Limited limited = new Limited(request, project);
        try {
            chain.doFilter(multipart || isPart(request) ? request : limited, response);
        } finally {
            body.end();
            bodies.giveBack(project, limited.count);
        }
    }

    /** Returns whether the body is a part of an upload, which is written to the disk while it arrives. */
    private static boolean isPart(HttpServletRequest request) {
        return request.getMethod().equals("PATCH")
                && PART.matches(ServletRequestPathUtils.parse(request).pathWithinApplication());
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    private static boolean isUpload(HttpServletRequest request) {
        PathContainer path = ServletRequestPathUtils.parse(request).pathWithinApplication();
        return request.getMethod().equals("POST") && UPLOADS.stream().anyMatch(upload -> upload.matches(path));
    }

    private final class Limited extends HttpServletRequestWrapper {
        private final String project;
        private long count;

        Limited(HttpServletRequest request, String project) {
            super(request);
            this.project = project;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new Counting(super.getInputStream(), this);
        }

        private void count(int n) {
            count += n;
            bodies.take(project, n);
            if (count > limit) {
                throw Problem.limit(
                        HttpStatus.CONTENT_TOO_LARGE,
                        "request_too_large",
                        "The body has too many bytes",
                        "anneal.request.max-size",
                        limit);
            }
        }
    }

    private static final class Counting extends ServletInputStream {
        private final ServletInputStream in;
        private final Limited request;

        Counting(ServletInputStream in, Limited request) {
            this.in = in;
            this.request = request;
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            request.count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            int n = in.read(bytes, from, length);
            request.count(Math.max(n, 0));
            return n;
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}
