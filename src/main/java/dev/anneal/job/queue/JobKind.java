package dev.anneal.job.queue;

/** The work of a job. All kinds wait in the same queue and run under the same lease. */
public enum JobKind {
    training("job", "job"),
    evaluation("evaluation", "eval"),
    prediction("prediction", "pred");

    private final String noun;
    private final String prefix;

    JobKind(String noun, String prefix) {
        this.noun = noun;
        this.prefix = prefix;
    }

    /** Returns the word for it in messages, in the codes of problems, and in the types of webhook messages. */
    public String noun() {
        return noun;
    }

    /** Returns the prefix of its ids. */
    public String prefix() {
        return prefix;
    }
}
