package dev.engram.api.settings;

import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.List;

/** Settings were refused; the message lists every problem, not only the first. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SettingsException extends EngramException {

    private static final long serialVersionUID = 1L;

    private final String strategy;
    private final transient List<String> problems;

    /** Creates the error for a strategy id and everything that is wrong with its settings. */
    public SettingsException(String strategyId, List<String> problems) {
        super(
                "The settings of strategy \""
                        + strategyId
                        + "\" have "
                        + problems.size()
                        + (problems.size() == 1 ? " problem:" : " problems:")
                        + "\n  - "
                        + String.join("\n  - ", problems));
        this.strategy = strategyId;
        this.problems = List.copyOf(problems);
    }

    /** Returns the id of the strategy whose settings they are. */
    public String strategy() {
        return strategy;
    }

    /** Returns the problems, one sentence each. */
    public List<String> problems() {
        return problems;
    }
}
