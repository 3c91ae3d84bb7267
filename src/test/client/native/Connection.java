import org.openapitools.client.ApiClient;

/** The way to a server in the library native. */
final class Connection {
    static ApiClient to(String url, String key) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(url);
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
        return client;
    }
}
