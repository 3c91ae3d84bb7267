import org.openapitools.client.ApiClient;

/** The way to a server in the library okhttp-gson. */
final class Connection {
    static ApiClient to(String url, String key) {
        ApiClient client = new ApiClient();
        client.setBasePath(url);
        client.setBearerToken(key);
        client.setReadTimeout(60_000);
        return client;
    }
}
