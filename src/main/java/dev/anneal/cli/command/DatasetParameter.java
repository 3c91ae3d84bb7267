package dev.anneal.cli.command;

import dev.anneal.cli.http.Api;
import java.io.IOException;
import picocli.CommandLine.Parameters;

/** The dataset that a command is about: its first word. */
public final class DatasetParameter {
    @Parameters(index = "0", paramLabel = "DATASET", description = "Id or name of the dataset.")
    private String idOrName;

    public String idOrName() {
        return idOrName;
    }

    /** Returns the path of the dataset in the API. */
    public String path(Api api) throws IOException, InterruptedException {
        return Lookup.DATASET.path(api, idOrName);
    }
}
